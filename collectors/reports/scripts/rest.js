// Scrolls one step through the page and whatever scrolls within it; `step` -1 goes back to where it was.
(step) => {
  const isLarge = (element) => area(element) > 0.25 * window.innerWidth * window.innerHeight;
  const scrolls = (element) => {
    if (element.scrollHeight <= element.clientHeight + 40 || !isLarge(element)) return false;
    return /(auto|scroll|overlay)/.test(getComputedStyle(element).overflowY);
  };
  const page = document.scrollingElement ?? document.documentElement;
  const inner = [...walk(document)].filter((element) => element !== page && element !== document.body && scrolls(element));
  let left = 0;
  for (const element of [page, ...inner.slice(0, 5)]) {
    if (element.scrollHeight <= element.clientHeight + 40 && step >= 0) continue;
    const top = step < 0 ? 0 : Math.round(step * 0.8 * element.clientHeight);
    element.scrollTo({ top, behavior: "instant" });
    if (step >= 0) left = Math.max(left, element.scrollHeight - element.clientHeight - top);
  }
  return new Promise((resolve) => {
    const done = () => resolve(Math.round(left));
    requestAnimationFrame(() => requestAnimationFrame(done));
    setTimeout(done, 250);
  });
}
