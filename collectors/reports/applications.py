"""What the applications that reports are made with say of themselves: their signs of work, and of failure, as CSS."""

from __future__ import annotations

from collections.abc import Sequence

Sign = tuple[str, str]  # what it is called in a message, and its selector

BUSY: Sequence[Sign] = (
    ("Streamlit spinner", '[data-testid="stSpinner"]'),
    ("Streamlit placeholder", '[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]'),
    (
        "Superset chart that loads",
        '[data-test="loading-indicator"], .chart-slice .loading, img.loading, .slice_container.is-loading',
    ),
    ("spinner", ".ant-spin-spinning"),
    (
        "Grafana panel that loads",
        '[aria-label="Panel loading bar"], [data-testid="data-testid Loading indicator"], .panel-loading',
    ),
    ("Metabase card that loads", '[data-testid="loading-indicator"], [data-testid="loading-spinner"], .LoadingSpinner'),
    (
        "Power BI visual that loads",
        ".powerbi-spinner, .pbi-spinner, .visualContainer .spinner, .loading-screen, spinner.ng-star-inserted",
    ),
    ("Tableau view that loads", "#loadingGlassPane, .tab-glass.active, .tabLoadingSpinner, #svg-spinner"),
    ("Dash part that loads", '[data-dash-is-loading="true"], ._dash-loading-callback, .dash-spinner'),
    ("Shiny output that is worked out", ".recalculating, .shiny-output-recalculating"),
    ("Panel part that is busy", ".pn-loading, .bk-loading, .pn-busy"),
    ("Voila notebook that runs", "#voila-spinner, .voila-spinner, #loading.voila"),
    ("Looker tile that loads", ".lk-vis-loading, .looker-vis-loading"),
)
NOT_BUSY = (
    "legend, figcaption, dl, nav, footer, select, [role=note], [role=tooltip], [class*=legend], [class*=Legend], "
    "[class*=help], [hidden], template, [aria-hidden=true] [hidden]"
)
ERRORS: Sequence[Sign] = (
    ("exception", '[data-testid="stException"], .stException'),
    ("lost connection", '[data-testid="stConnectionStatus"], #shiny-disconnected-overlay, .voila-connection-lost'),
    (
        "chart error",
        '.chart-slice .ant-alert-error, [data-test="chart-container"] .ant-alert-error, [data-test="error-alert"]',
    ),
    (
        "panel error",
        '[data-testid="data-testid Panel status error"], [aria-label="Panel status error"], '
        '[data-testid="data-testid Panel data error message"], [data-testid="data-testid Error boundary"]',
    ),
    ("Dash error", ".dash-error-card, .dash-fe-error__title, ._dash-error"),
    ("Shiny error", ".shiny-output-error:not(.shiny-output-error-validation)"),
    ("Metabase error", '[data-testid="query-visualization-root"] .QueryError, [data-testid="card-error"]'),
    ("notebook error", '[data-mime-type="application/vnd.jupyter.error"], .output_error, .jp-OutputArea-error'),
    (
        "debug page",
        "#django-error, body > .debugger .traceback, #werkzeug-debugger, .Whoops.container, #traceback-section",
    ),
    ("chart error", '[data-testid="stEChartsChartError"], [id^="google-visualization-errors"] span'),
)
# Sentences of the applications that are never a report's own words.
PHRASES = (
    r"^(couldn.t (load the data|retrieve the data) for this visual|can.t display (the|this) visual"
    r"|this visual (has exceeded the available resources|contains restricted data)"
    r"|something.s wrong with one or more fields|error (fetching|loading) data for this visual"
    r"|there was an issue displaying this chart|error loading (dashboard|layout)"
    r"|unexpected error(: .{0,120}|\.)?$|unable to connect to the data source.{0,80}"
    r"|an error occurred while (rendering|displaying) (the|this) visuali[sz]ation.{0,40}"
    r"|disconnected from the server\.?.{0,20})"
)
# Sentences with which a part of a page says that it has failed; they count where it says nothing else.
_OBJECT = (
    r"(the |this |your |its )?((latest|live|report|dashboard|chart|widget|query|remote) )?"
    r"((data|chart|graph|widget|panel|tile|report|dashboard|results?|content|resources?|visuali[sz]ation|visual|query)"
    r"\b.{0,120}|(server|database|backend|api)[.!]?$)"
)
FAILURES = "|".join(
    (
        rf"^(error|oops|sorry|uh.oh|we)?[:!,. ]*(we )?(failed|(are |were )?unable) to "
        rf"(load|fetch|retrieve|get|render|display|show|connect to|reach|run|execute)( {_OBJECT})?[.!]?$",
        rf"^(error|oops|sorry|uh.oh|we)?[:!,. ]*(we )?(could not|couldn.t|cannot|can.t) "
        rf"(load|fetch|retrieve|get|render|display|show|connect to|reach|run|execute) {_OBJECT}$",
        r"^(the )?(data|chart|widget|panel|report|dashboard|visual) (could not|cannot|can.t|couldn.t) be "
        r"(loaded|fetched|retrieved|rendered|displayed|shown).{0,80}$",
        rf"^error (while )?(loading|fetching|rendering|retrieving) {_OBJECT}$",
        r"^(oops|uh.oh|sorry)?[!,. ]*something (went|has gone) wrong.{0,60}$",
        r"^an? (unexpected |internal |unknown )error (has )?occurred.{0,60}$|^an error (has )?occurred[.!]?$",
        r"^(axioserror: )?request failed with status code \d+[.]?$|^(query|data request) failed(:.{0,80}|[.!]?)$",
        r"^(5\d\d )?(internal server error|bad gateway|gateway time-?out)[.!]?$|^network error[.!]?$",
        r"^ein (unerwarteter |interner )?fehler ist aufgetreten.{0,60}$|^fehler beim (laden|abrufen)\b.{0,60}$",
        r"^(die |der |das )?(daten|diagramm|bericht|kachel) (konnten?|k[oö]nnen|kann) nicht geladen werden.{0,60}$",
        r"^impossible de charger (les donn[eé]es|le graphique|le rapport).{0,60}$",
        r"^error al cargar (los datos|el).{0,60}$",
    )
)
