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
  if (box.right + window.scrollX <= 0 || box.bottom + window.scrollY <= 0) return false;
  const page = document.scrollingElement ?? document.documentElement;
  if (box.left + window.scrollX >= Math.max(page.scrollWidth, window.innerWidth)) return false;
  return isOpaque(element);
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
