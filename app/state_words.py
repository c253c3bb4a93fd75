"""Every state of anything, in a word, a sign, a symbol and a color."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """How a state is said and shown: a word, a sign, a Material symbol and one of the colours of the theme."""

    word: str
    sign: str
    icon: str
    color: str


GOOD, WARN, BAD, QUIET, BUSY = "green", "orange", "red", "gray", "blue"
STATES = {
    "succeeded": State("Succeeded", "✓", ":material/check_circle:", GOOD),
    "failed": State("Failed", "✕", ":material/error:", BAD),
    "timed_out": State("Timed out", "⧖", ":material/timer_off:", BAD),
    "running": State("Running", "▸", ":material/progress_activity:", BUSY),
    "queued": State("Queued", "…", ":material/schedule:", BUSY),
    "cancelled": State("Cancelled", "–", ":material/cancel:", QUIET),
    "skipped": State("Skipped", "–", ":material/skip_next:", QUIET),
    "up": State("Up", "✓", ":material/check_circle:", GOOD),
    "degraded": State("Degraded", "!", ":material/warning:", WARN),
    "down": State("Down", "✕", ":material/error:", BAD),
    "unknown": State("Unknown", "?", ":material/help:", QUIET),
    "never": State("Never run", "?", ":material/help:", QUIET),
    "late": State("Late", "!", ":material/schedule:", WARN),
    "fresh": State("Fresh", "✓", ":material/check_circle:", GOOD),
    "warn": State("Ageing", "!", ":material/warning:", WARN),
    "stale": State("Stale", "✕", ":material/hourglass_bottom:", BAD),
    "pending": State("Pending", "…", ":material/schedule:", WARN),
    "approved": State("Approved", "✓", ":material/check_circle:", GOOD),
    "denied": State("Denied", "✕", ":material/block:", BAD),
    "expired": State("Expired", "–", ":material/event_busy:", QUIET),
    "firing": State("Firing", "✕", ":material/notifications_active:", BAD),
    "resolved": State("Resolved", "✓", ":material/check_circle:", GOOD),
    "in_control": State("In control", "✓", ":material/check_circle:", GOOD),
    "signal": State("Signal", "!", ":material/warning:", WARN),
    "watched": State("Only watched", "·", ":material/visibility:", BUSY),
    "answered": State("Answered", "–", ":material/how_to_reg:", QUIET),
    "learning": State("Learning", "…", ":material/school:", QUIET),
    "left_out": State("Left out", "–", ":material/content_cut:", QUIET),
    "too_old": State("Too old", "?", ":material/hourglass_bottom:", QUIET),
    "unjudged": State("Not judged yet", "?", ":material/help:", QUIET),
    "too_few": State("Too few points", "?", ":material/help:", QUIET),
    "within": State("Within plan", "✓", ":material/check_circle:", GOOD),
    "over": State("Over plan", "✕", ":material/trending_up:", BAD),
    "unplanned": State("Not planned", "?", ":material/help:", QUIET),
    "ok": State("Fine", "✓", ":material/check_circle:", GOOD),
    "critical": State("Critical", "✕", ":material/error:", BAD),
    "warning": State("Warning", "!", ":material/warning:", WARN),
    "acting": State("Acting", "▸", ":material/build:", BUSY),
    "cured": State("Cured", "✓", ":material/check_circle:", GOOD),
    "not_cured": State("Not cured", "✕", ":material/error:", BAD),
    "refused": State("Refused", "–", ":material/block:", QUIET),
    "upcoming": State("Upcoming", "…", ":material/schedule:", QUIET),
    "due": State("Due", "…", ":material/alarm:", BUSY),
    "on_time": State("On time", "✓", ":material/check_circle:", GOOD),
    "late_start": State("Late start", "!", ":material/schedule:", WARN),
    "late_finish": State("Late finish", "!", ":material/schedule:", WARN),
    "too_long": State("Too long", "!", ":material/hourglass_bottom:", WARN),
    "too_short": State("Too short", "!", ":material/bolt:", WARN),
    "too_early": State("Too early", "!", ":material/update:", WARN),
    "duplicate": State("Duplicate", "!", ":material/content_copy:", WARN),
    "out_of_order": State("Out of order", "!", ":material/low_priority:", WARN),
    "missed": State("Missed", "✕", ":material/event_busy:", BAD),
    "withdrawn": State("Withdrawn", "–", ":material/remove:", QUIET),
    "at_risk": State("May miss", "!", ":material/trending_down:", WARN),
    "paused": State("Paused", "–", ":material/pause:", QUIET),
    "unscheduled": State("No schedule", "?", ":material/event_busy:", QUIET),
    "late_job_stale_data": State("Late job, stale data", "✕", ":material/hourglass_bottom:", BAD),
    "green_job_stale_data": State("Green job, stale data", "✕", ":material/hourglass_bottom:", BAD),
    "refreshed_but_empty": State("Refreshed but empty", "✕", ":material/hourglass_empty:", BAD),
    "late_job_fresh_data": State("Late job, fresh data", "!", ":material/schedule:", WARN),
    "proposed": State("Proposed", "…", ":material/lightbulb:", WARN),
    "accepted": State("Accepted", "✓", ":material/check_circle:", GOOD),
    "rejected": State("Rejected", "–", ":material/block:", QUIET),
    "info": State("Info", "·", ":material/info:", BUSY),
    "explained": State("Explained", "↳", ":material/subdirectory_arrow_right:", QUIET),
    "acknowledged": State("Acknowledged", "✓", ":material/how_to_reg:", BUSY),
    "unacknowledged": State("Nobody has it", "!", ":material/person_off:", WARN),
    "noted": State("Note", "✎", ":material/edit_note:", QUIET),
    "silenced": State("Silenced", "–", ":material/notifications_off:", QUIET),
    "maintenance": State("Maintenance", "–", ":material/engineering:", BUSY),
    "planned": State("Planned", "…", ":material/event:", BUSY),
    "active": State("Active", "▸", ":material/notifications_paused:", BUSY),
    "ended": State("Ended", "–", ":material/event_available:", QUIET),
    "sent": State("Sent", "→", ":material/send:", BUSY),
    "retrying": State("Trying again", "↻", ":material/autorenew:", WARN),
    "undeliverable": State("Undeliverable", "✕", ":material/unsubscribe:", BAD),
    "withheld": State("Withheld", "–", ":material/notifications_off:", QUIET),
    "passed": State("Passed", "✓", ":material/check_circle:", GOOD),
    "match": State("Matches", "✓", ":material/check_circle:", GOOD),
    "in_flight": State("In flight", "…", ":material/sync:", BUSY),
    "wrong": State("Wrong", "✕", ":material/exposure:", BAD),
    "unreadable": State("Unreadable", "✕", ":material/visibility_off:", BAD),
    "not_read": State("Not read", "?", ":material/help:", QUIET),
    "unreachable": State("Unreachable", "✕", ":material/link_off:", BAD),
    "redirect_loop": State("Redirects in a circle", "✕", ":material/sync_problem:", BAD),
    "refused_address": State("Address not allowed", "?", ":material/policy:", QUIET),
    "http_error": State("Answers an error", "✕", ":material/error:", BAD),
    "login_required": State("Asks for a login", "✕", ":material/lock:", BAD),
    "download": State("Is a download", "✕", ":material/download:", BAD),
    "too_heavy": State("Too heavy", "✕", ":material/weight:", BAD),
    "exception": State("Shows an exception", "✕", ":material/bug_report:", BAD),
    "error_page": State("Shows an error", "✕", ":material/report:", BAD),
    "script_error": State("Script error", "✕", ":material/code_off:", BAD),
    "unfinished": State("Never finishes", "✕", ":material/hourglass_disabled:", BAD),
    "overlay": State("Covered", "✕", ":material/layers:", BAD),
    "blank_page": State("Blank page", "✕", ":material/check_box_outline_blank:", BAD),
    "missing_element": State("Part missing", "✕", ":material/extension_off:", BAD),
    "empty_chart": State("Empty chart", "✕", ":material/show_chart:", BAD),
    "missing_number": State("Number missing", "✕", ":material/numbers:", BAD),
    "unreadable_number": State("Number unreadable", "✕", ":material/visibility_off:", BAD),
    "wrong_unit": State("Wrong unit", "✕", ":material/straighten:", BAD),
    "wrong_number": State("Wrong number", "✕", ":material/exposure:", BAD),
    "stale_number": State("Stale number", "!", ":material/hourglass_bottom:", WARN),
    "backend_failed": State("Backend not asked", "?", ":material/database_off:", QUIET),
    "slow": State("Slow", "!", ":material/speed:", WARN),
    "no_browser": State("No browser", "?", ":material/web_asset_off:", QUIET),
    "no_sign_in": State("Could not sign in", "?", ":material/key_off:", QUIET),
    "checker_failed": State("Checker failed", "?", ":material/help:", QUIET),
    "checker_broken": State("Checker is broken", "✕", ":material/build_circle:", BAD),
    "checker_right": State("Checker is right", "✓", ":material/verified:", GOOD),
    "never_looked": State("Not looked at yet", "?", ":material/help:", QUIET),
    "looked_long_ago": State("Not looked at lately", "?", ":material/help:", QUIET),
    "not_known_now": State("Not known now", "?", ":material/help:", QUIET),
    "budget_left": State("Within budget", "✓", ":material/check_circle:", GOOD),
    "budget_low": State("Budget runs out", "!", ":material/trending_down:", WARN),
    "budget_spent": State("Budget spent", "✕", ":material/error:", BAD),
}


def state(name: str | None) -> State:
    """How a state is said; what is not known is said to be unknown, never fine."""
    return STATES.get(name or "unknown", STATES["unknown"])


def pill(name: str | None) -> str:
    """A state as table text: sign and word."""
    found = state(name)
    return f"{found.sign} {found.word}"


def pills() -> tuple[list[str], list[str]]:
    """All table texts of states with their colours, for the columns that show them."""
    return [pill(name) for name in STATES], [found.color for found in STATES.values()]
