// How much higher the window must be for the part that scrolls within the page to be seen as a whole; 0 if none does.
() => {
  const page = document.scrollingElement ?? document.documentElement;
  if (page.scrollHeight > page.clientHeight + 40) return 0;
  const hidden = [...walk(document)]
    .filter((element) => {
      const is_scrolling = /(auto|scroll)/.test(getComputedStyle(element).overflowY);
      return is_scrolling && area(element) > 0.4 * window.innerWidth * window.innerHeight;
    })
    .map((element) => element.scrollHeight - element.clientHeight);
  return Math.max(0, ...hidden);
}
