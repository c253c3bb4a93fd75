// How far the page goes on to the left of its window, for one that is written from right to left.
() => {
  const page = document.scrollingElement ?? document.documentElement;
  return isLeftwards() ? Math.max(0, page.scrollWidth - page.clientWidth) : 0;
}
