"""The script that each session runs: page settings, navigation, the chosen page in its frame."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import navigation

STATIC = Path(__file__).with_name("static")

st.set_page_config(page_title="Shewhart", page_icon=str(STATIC / "favicon.png"), layout="wide")
st.logo(str(STATIC / "logo.png"), size="large")
navigation.run()
