// What every script needs: walking through open shadow roots, and whether a person can see an element.

const textOf = (element) => {
  if (!element) return "";
  const text = element.innerText ?? element.textContent ?? "";
  return text.replace(/[\u200b\ufeff]/g, "").trim();
};

const short = (text, most = 80) => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

// Every element below `root`, those in open shadow roots too.
function* walk(root) {
  const all = root.querySelectorAll("*");
  for (const element of all) {
    yield element;
    if (element.shadowRoot) yield* walk(element.shadowRoot);
  }
}

const roots = () => {
  const found = [document];
  for (const element of walk(document)) if (element.shadowRoot) found.push(element.shadowRoot);
  return found;
};

const allRoots = roots();

// querySelectorAll through open shadow roots; a selector that this browser does not know finds nothing.
const find = (selector) => {
  try {
    return allRoots.flatMap((root) => [...root.querySelectorAll(selector)]);
  } catch {
    return [];
  }
};

const parentOf = (node) => node.parentElement ?? node.getRootNode?.()?.host ?? null;

// What applications show in place of data, often with an illustration.
const EMPTY_STATE = '.ant-empty, [class*="empty-state" i], [class*="emptystate" i], [class*="no-data" i], [class*="nodata" i], [aria-label="empty" i]';
const within = (element, selector) => {
  for (let one = element; one; one = parentOf(one)) {
    try {
      if (one.matches(selector)) return one;
    } catch {
      return null;
    }
  }
  return null;
};

const contains = (outer, inner) => {
  for (let one = inner; one; one = parentOf(one)) if (one === outer) return true;
  return false;
};

const isOpaque = (element) => {
  for (let one = element; one; one = parentOf(one)) {
    if (parseFloat(getComputedStyle(one).opacity) < 0.02) return false;
  }
  return true;
};

// Whether the page scrolls to the left, as those do that are written from right to left.
const isLeftwards = () => [document.documentElement, document.body].some((one) => one && getComputedStyle(one).direction === "rtl");

// Whether a person who scrolls can see it: it is drawn, has a size, and lies on the page.
const visible = (element) => {
  if (!element?.isConnected) return false;
  if (element.checkVisibility && !element.checkVisibility({ visibilityProperty: true })) return false;
  const box = element.getBoundingClientRect();
  let width = box.width;
  let height = box.height;
  if (width < 2 || height < 2) {
    const is_shape = element instanceof SVGElement;
    if (!is_shape && getComputedStyle(element).display !== "contents" && element.children.length === 0) return false;
    if (!is_shape && ![...element.children].some((child) => visible(child))) return false;
    if (is_shape && width + height < 1) return false;
    if (!is_shape) return true;
  }
  const page = document.scrollingElement ?? document.documentElement;
  const whole = Math.max(page.scrollWidth, window.innerWidth);
  const start = isLeftwards() ? Math.min(0, page.clientWidth - page.scrollWidth) : 0;
  if (box.right + window.scrollX <= start || box.bottom + window.scrollY <= 0) return false;
  if (box.left + window.scrollX >= start + whole) return false;
  return isOpaque(element);
};

// Whether something that cannot be scrolled cuts it off: a closed accordion, another slide, words for screen readers.
const isClipped = (element) => {
  let box = element.getBoundingClientRect();
  let { left, right, top, bottom } = box;
  let position = getComputedStyle(element).position;
  for (let one = element; one && one !== document.body && one !== document.documentElement; one = parentOf(one)) {
    const style = getComputedStyle(one);
    const is_plain = style.position === "static" && style.transform === "none";
    if (one !== element && (position === "fixed" || (position === "absolute" && is_plain))) continue; // it stands outside
    position = style.position;
    if (/^inset\((50|100)%/.test(style.clipPath)) return true;
    if (/^(inline$|contents|table-)/.test(style.display)) continue;
    box = one.getBoundingClientRect();
    const cuts = (overflow) => overflow === "hidden" || overflow === "clip";
    if (cuts(style.overflowX)) [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
    if (cuts(style.overflowY)) [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    if ((cuts(style.overflowX) && right - left < 2) || (cuts(style.overflowY) && bottom - top < 2)) return true;
  }
  return false;
};

// What a person sees without doing anything but scroll.
const shown = (element) => visible(element) && !isClipped(element);

// The largest part of the page that says nothing but `said`, besides headings and what `spare` adds; null for all of it.
const panelOf = (leaf, said, spare = "", stop = () => false) => {
  let panel = leaf;
  const heads = `h1,h2,h3,h4,h5,h6,[role=heading],[class*=title],[class*=Title],[class*=header]${spare}`;
  const length = (text) => text.replace(/\s+/g, "").length;
  for (let one = leaf; one; one = parentOf(one)) {
    if (one === document.body) return null;
    if (stop(one)) break;
    const outer = [...one.querySelectorAll(heads)].filter((head) => !contains(head, leaf) && !contains(leaf, head));
    if (length(textOf(one)) > length(said) + outer.reduce((sum, head) => sum + length(textOf(head)), 0) + 4) break;
    panel = one;
  }
  return panel;
};

const area = (element) => {
  const box = element.getBoundingClientRect();
  return box.width * box.height;
};

const isStreamlit = () => document.querySelector('[data-testid="stApp"]') !== null;

// Where the page's own content is: a frame of an application (toolbar, deploy button) says nothing of the report.
const contentRoots = () => {
  if (!isStreamlit()) return [document.body].filter(Boolean);
  return find('[data-testid="stMain"], [data-testid="stSidebarContent"], [data-testid="stDialog"]');
};

const contentText = () => {
  const parts = contentRoots().map(textOf);
  for (const root of allRoots.slice(1)) {
    if (root.host && visible(root.host)) {
      for (const child of root.children) if (!["STYLE", "SCRIPT"].includes(child.tagName)) parts.push(textOf(child));
    }
  }
  return parts.filter(Boolean).join("\n");
};

const CHARTS =
  "canvas, svg, .js-plotly-plot, .vega-embed, .highcharts-container, [_echarts_instance_], video, object, embed, picture";

// Pictures and drawings large enough to be content.
const media = () =>
  find(`${CHARTS}, img, iframe`).filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width >= 30 && box.height >= 30 && visible(element);
  });

// How an element is named in a message, and found again.
const nameOf = (element) => {
  const tag = element.tagName.toLowerCase();
  if (element.id && /^[A-Za-z][\w-]*$/.test(element.id)) return `#${element.id}`;
  const test = element.getAttribute("data-testid") ?? element.getAttribute("data-test");
  if (test) return `[data-testid="${test}"]`;
  const classes = [...element.classList].filter((name) => /^[A-Za-z][\w-]{0,40}$/.test(name)).slice(0, 2);
  return classes.length ? `${tag}.${classes.join(".")}` : tag;
};
