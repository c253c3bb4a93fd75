// Whether the frame itself can be seen, how large it is, and whether it only floats above the page.
(element) => {
  const box = element.getBoundingClientRect();
  let is_floating = false;
  for (let one = element; one; one = parentOf(one)) if (getComputedStyle(one).position === "fixed") is_floating = true;
  const share = (box.width * box.height) / (window.innerWidth * window.innerHeight);
  return { is_visible: visible(element), width: box.width, height: box.height, share, is_floating,
    name: element.title || element.name || element.getAttribute("src") || "" };
}
