// Takes what the masks name out of the page's structure, or puts it back.
(argument) => {
  for (const selector of argument.masks) {
    for (const element of find(selector)) {
      if (argument.is_on) element.style.setProperty("visibility", "hidden", "important");
      else element.style.removeProperty("visibility");
    }
  }
}
