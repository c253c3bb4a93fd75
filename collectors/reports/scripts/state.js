// What the page still waits for, in words; `busy` are the selectors of the applications' own signs of work.
(argument) => {
  const reasons = [];
  const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;
  const seen = (element) => shown(element) && !within(element, argument.not_busy);
  // Whether what lies over a placeholder hides it: some leave it below their content.
  const isCovered = (element) => {
    if (getComputedStyle(element).pointerEvents === "none") return false;
    const box = element.getBoundingClientRect();
    const points = [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => document.elementFromPoint(box.left + share * box.width, box.top + share * box.height));
    return points.every((hit) => {
      if (!hit || contains(element, hit) || contains(hit, element)) return false;
      for (let one = hit; one && !contains(one, element); one = parentOf(one)) {
        const colour = getComputedStyle(one).backgroundColor.match(/[\d.]+/g) ?? [];
        if (colour.length === 3 || colour[3] > 0.9) return true;
      }
      return false;
    });
  };

  const isAnimated = (element) => {
    const is_small = area(element) < 0.1 * window.innerWidth * window.innerHeight;
    const pictures = [element, ...element.querySelectorAll("img")].filter((one) => one.tagName === "IMG");
    if (is_small && pictures.some((one) => /load|spin|wait|\.gif/i.test(`${one.src} ${one.className}`))) return true;
    if (is_small && element.querySelector("animate, animateTransform")) return true;
    if (!element.getAnimations) return false;
    return element.getAnimations({ subtree: true }).some((one) => {
      const timing = one.effect?.getComputedTiming?.();
      return timing && timing.iterations === Infinity;
    });
  };
  const hint = (element) => {
    const name = typeof element.className === "string" ? element.className : (element.getAttribute("class") ?? "");
    return `${name} ${element.id} ${element.getAttribute("aria-label") ?? ""}`;
  };
  const SPINNER = /(^|[\s_-])(spinner|loader|loading|lds|throbber|busy)([\s_-]|$)|(Spinner|Loader|LoadingIndicator|CircularProgress)/;
  const SKELETON = /(^|[\s_-])(skeleton|shimmer|placeholder-glow|placeholder-wave|ghost-line)([\s_-]|$)|Skeleton/;
  const WORDS =
    /^(loading( (data|report|chart|charts|dashboard|page|results))?|please wait|one moment( please)?|fetching( data)?|updating|lade|lädt|wird geladen|daten werden geladen|bitte warten|chargement|cargando|caricamento|carregando)$/i;

  const application = new Set();
  for (const [what, selector] of argument.busy) {
    const hits = find(selector).filter(shown);
    hits.forEach((hit) => application.add(hit));
    if (hits.length) reasons.push(`${count(hits.length, what, `${what}s`)}`);
  }
  const app = document.querySelector('[data-testid="stApp"]');
  if (app) {
    const script = app.getAttribute("data-test-script-state") ?? "initial";
    if (!["notRunning", "compilationError"].includes(script)) reasons.push("the script still runs");
    if (find('[data-stale="true"]').filter(visible).length) reasons.push("some parts are still those of the run before");
  }
  const isElsewhere = (url) => {
    try {
      return new URL(url, document.baseURI).pathname !== location.pathname;
    } catch {
      return false;
    }
  };
  // A page with next to nothing on it that is about to send its reader on.
  const sent = /^\s*(\d*\.?\d*)\s*[;,]\s*(?:url\s*=)?\s*['"]?([^'"]+)/i.exec(document.querySelector('meta[http-equiv="refresh" i]')?.content ?? "");
  const is_bare = window === window.top && contentText().length < 400 && !find("table, canvas, iframe").length;
  if (sent && is_bare && Number(sent[1]) <= 5 && isElsewhere(sent[2].trim())) reasons.push("it sends its reader on to another page");
  const lines = is_bare ? contentText().split("\n").map((line) => line.trim()).slice(0, 4) : [];
  if (lines.some((line) => /^(redirecting|forwarding|weiterleitung|redirection|redirigiendo)\b.{0,60}(\.\.\.|…)$/i.test(line))) reasons.push("it says that it leads to another page");
  if (document.querySelector("html.shiny-busy, body.shiny-busy")) reasons.push("the Shiny server is busy");
  if (document.querySelector("#react-entry-point, ._dash-app-content, #_dash-app-content")) {
    if (document.title === "Updating...") reasons.push("a callback still runs");
    if (document.querySelector("._dash-loading")) reasons.push("the Dash app still starts");
  }

  let spinners = 0;
  let skeletons = 0;
  let words = 0;
  const isCounted = (element) => [...application].some((one) => contains(one, element) || contains(element, one));
  for (const element of walk(document)) {
    const role = element.getAttribute("role");
    const name = hint(element);
    const is_progress = role === "progressbar" && !element.hasAttribute("aria-valuenow");
    const is_native = element.tagName === "PROGRESS" && !element.hasAttribute("value");
    const is_spinner = SPINNER.test(name);
    const is_skeleton = SKELETON.test(name);
    const is_busy = element.getAttribute("aria-busy") === "true";
    const own = element.childElementCount === 0 && !element.matches("option, button, th, td, a, script, style, title");
    const written = own && element.textContent.length < 60 ? element.textContent.trim() : "";
    const bare = written.replace(/[\s.…]+$/, "");
    const is_word = bare && WORDS.test(bare) && (bare !== written || is_spinner || role === "status");
    if (!(is_progress || is_native || is_spinner || is_skeleton || is_busy || is_word)) continue;
    if (!seen(element) || isCounted(element)) continue;
    const box = element.getBoundingClientRect();
    const is_whole = box.width * box.height > 0.9 * window.innerWidth * window.innerHeight;
    if (is_busy || is_native || is_word) words += 1;
    else if (is_progress && (isAnimated(element) || is_spinner)) spinners += 1;
    else if (is_spinner && !is_whole && isAnimated(element) && textOf(element).length < 60) spinners += 1;
    else if (is_skeleton && isCovered(element)) continue;
    else if (is_skeleton && !textOf(element) && box.width >= 20 && box.height >= 6 && !element.querySelector("img")) {
      if (!find("svg, canvas").some((chart) => contains(element, chart) && area(chart) > 2000)) skeletons += 1;
      else continue;
    } else if (is_skeleton && /skeleton/i.test(name) && isAnimated(element) && !is_whole) skeletons += 1;
    else continue;
    application.add(element);
  }
  if (spinners) reasons.push(count(spinners, "spinner", "spinners"));
  if (skeletons) reasons.push(count(skeletons, "placeholder", "placeholders"));
  if (words) reasons.push(count(words, "part that says it is loading", "parts that say they are loading"));
  return { document: document.readyState, reasons, is_streamlit: app !== null };
}
