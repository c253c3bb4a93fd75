// Whether an SVG shows data: shapes that are not axes, grid, ticks, legend, frame or background.

const SHAPES = "path, rect, circle, ellipse, line, polygon, polyline, image, use";
const FURNITURE =
  /(^|[\s_-])(x|y|c|r)?(axis|axes|tick|ticks|grid|gridline|gridlines|gridlayer|legend|legends|background|bg|domain|title|titles|frame|border|crosshair|cursor|watermark|toolbar|modebar|tooltip|overlay|label|labels|zeroline|zerolinelayer|plotbg|plot-background|baseline|threshold)s?([\s_-]|$)|Axis|Legend|Grid(Line)?|axis/;
const NOT_DRAWN = "defs, clipPath, pattern, marker, mask, symbol, linearGradient, radialGradient, filter, title, desc";

const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
const isColourful = (colour) => {
  const [red, green, blue, alpha = 1] = channels(colour);
  if (blue === undefined || alpha < 0.05) return false;
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  return most - least > 40 && (most - least) / most > 0.25;
};
const isPainted = (colour) => colour !== "none" && !(channels(colour).length === 4 && channels(colour)[3] < 0.02);

const isFurniture = (shape, svg) => {
  for (let one = shape; one && one !== svg; one = one.parentElement) {
    const name = `${one.getAttribute("class") ?? ""} ${one.id} ${one.getAttribute("aria-roledescription") ?? ""}`;
    if (FURNITURE.test(name)) return true;
  }
  return false;
};

// An axis, a grid line or a tick: a thin line along the picture's sides.
const isStraight = (shape, box) => {
  if (isSteps(shape)) return false;
  if (shape.tagName === "line" || shape.tagName === "path" || shape.tagName === "polyline") {
    if (box.width <= 1.5 || box.height <= 1.5) return true;
    const path = shape.getAttribute("d") ?? "";
    if (shape.tagName === "path" && !/[cCsSqQtTaA]/.test(path)) {
      const style = getComputedStyle(shape);
      const fill = style.fill;
      if (/[lL]/.test(path.replace(/[lL]\s*$/, ""))) return isRightAngled(path) && (fill === "none" || style.fillOpacity === "0");
      return /[hHvV]/.test(path) && (fill === "none" || !isColourful(fill));
    }
    return false;
  }
  return shape.tagName === "rect" && Math.min(box.width, box.height) <= 1.5 && Math.max(box.width, box.height) > 40;
};

// A line of many steps, which no axis has and a grid only in pieces.
const isSteps = (shape) => {
  const path = shape.tagName === "path" ? (shape.getAttribute("d") ?? "") : "";
  return (path.match(/[mM]/g) ?? []).length === 1 && !/[zZ]/.test(path) && (path.match(/[hHvV]/g) ?? []).length >= 6;
};

// A straight line may be data: one whose library says that it is a series.
const isSeries = (shape, svg) => {
  for (let one = shape, level = 0; one && one !== svg && level < 3; one = one.parentElement, level += 1) {
    if (/(^|[\s_-])(series|curve)([\s_-]|$)|(^|\s)(recharts-line|ct-line|c3-line|nv-line|line-path|highcharts-graph)(\s|$)/.test(one.getAttribute("class") ?? "")) return true;
  }
  return false;
};

const isRightAngled = (path) => {
  if (/[a-km-z]/.test(path.replace(/[eE]/g, "").replace(/z/g, ""))) return false;
  const numbers = (path.match(/-?[\d.]+(e-?\d+)?/gi) ?? []).map(Number);
  if (/[HVhv]/.test(path) || numbers.length < 4) return true;
  for (let index = 2; index + 1 < numbers.length; index += 2) {
    const across = Math.abs(numbers[index] - numbers[index - 2]);
    const down = Math.abs(numbers[index + 1] - numbers[index - 1]);
    if (Math.min(across, down) > 1 && !/M/.test(path.slice(1))) return false;
  }
  return true;
};

const isMark = (shape, svg, whole) => {
  if (shape.closest(NOT_DRAWN) || isFurniture(shape, svg)) return false;
  const style = getComputedStyle(shape);
  if (style.display === "none" || style.visibility === "hidden" || !isOpaque(shape)) return false;
  const box = shape.getBoundingClientRect();
  if (shape.tagName === "image" || shape.tagName === "use") return box.width > 0 && box.height > 0;
  if (box.width === 0 && box.height === 0 && !["rect", "line"].includes(shape.tagName)) return false;
  const filled = isPainted(style.fill) && style.fillOpacity !== "0" && shape.tagName !== "line";
  const stroked = isPainted(style.stroke) && parseFloat(style.strokeWidth) > 0 && style.strokeOpacity !== "0";
  if (!filled && !stroked) return false;
  if (shape.tagName === "path" && !shape.getAttribute("d")) return false;
  const coloured = (filled && isColourful(style.fill)) || (stroked && isColourful(style.stroke));
  const share = (box.width * box.height) / (whole.width * whole.height);
  if (shape.tagName === "rect" && share > 0.4 && (!filled || !coloured || share > 0.9)) return false;
  if (isStraight(shape, box)) return coloured || (stroked && Math.max(box.width, box.height) > 20 && isSeries(shape, svg)) || (stroked && parseFloat(style.strokeWidth) >= 4);
  return true;
};

// A small patch of colour beside its words, in a row or column of such.
const withoutLegend = (marks) => {
  const beside = (mark) => {
    const box = mark.getBoundingClientRect();
    if (box.width > 45 || box.height > 22) return false;
    const next = mark.nextElementSibling ?? mark.parentElement?.nextElementSibling;
    const near = [next, ...(mark.parentElement?.children.length <= 3 ? mark.parentElement.children : [])];
    return near.some((one) => {
      if (one?.tagName !== "text" && one?.querySelector?.("text") == null) return false;
      const text = (one.tagName === "text" ? one : one.querySelector("text")).getBoundingClientRect();
      const is_level = Math.abs((text.top + text.bottom) / 2 - (box.top + box.bottom) / 2) < 10;
      return is_level && text.left >= box.right - 2 && text.left - box.right < 24;
    });
  };
  const patches = marks.filter(beside);
  if (!patches.length) return { marks, doubt: false };
  const boxes = patches.map((one) => one.getBoundingClientRect());
  const spread = (edge) => Math.max(...boxes.map((box) => box[edge])) - Math.min(...boxes.map((box) => box[edge]));
  if (spread("left") > 3 && spread("top") > 3) return { marks, doubt: false };
  const rest = marks.filter((one) => !patches.includes(one));
  return { marks: rest, doubt: patches.length === 1 && !rest.length };
};

// {count, doubt, furniture}: marks of data, whether that is doubtful, and whether there are axes or a grid.
const svgMarks = (svg) => {
  const whole = svg.getBoundingClientRect();
  const shapes = [...svg.querySelectorAll(SHAPES)];
  const first = shapes.filter((shape) => isMark(shape, svg, whole));
  const { marks, doubt } = withoutLegend(first.slice(0, 400));
  const furniture = shapes.filter((shape) => isFurniture(shape, svg) || isStraight(shape, shape.getBoundingClientRect()));
  // Colourful shapes whose names only sound like those of axes and grids may be data all the same.
  const named = shapes.filter((shape) => {
    if (!isFurniture(shape, svg) || shape.closest(NOT_DRAWN) || within(shape, "[class*=legend], [class*=Legend], [id*=legend], [class*=axis], [class*=tick]")) return false;
    const box = shape.getBoundingClientRect();
    const is_large = box.width * box.height > 0.4 * whole.width * whole.height;
    return !is_large && Math.min(box.width, box.height) > 3 && isColourful(getComputedStyle(shape).fill);
  });
  if (!marks.length && withoutLegend(named.slice(0, 400)).marks.length >= 2) return { count: 0, doubt: true, furniture: 2, shapes: shapes.length };
  return { count: marks.length, doubt, furniture: furniture.length, shapes: shapes.length };
};
