"""The small picture: points in their limits, signals marked, and never out of the frame."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import polars as pl

from app.quality import wall_spark

NS = {"svg": "http://www.w3.org/2000/svg"}


def drawn(values: list[float], states: dict[int, str] | None = None, limits: bool = True) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "observed_at": [datetime(2026, 11, 1) + timedelta(days=day) for day in range(len(values))],
            "value": values,
            "state": [(states or {}).get(place, "in_control") for place in range(len(values))],
            "center": [10.0 if limits else None] * len(values),
            "lower": [8.0 if limits else None] * len(values),
            "upper": [12.0 if limits else None] * len(values),
        },
        schema_overrides=dict.fromkeys(("center", "lower", "upper"), pl.Float64),
    )


def places(svg: str, tag: str) -> list[list[float]]:
    found = ET.fromstring(svg).findall(f".//svg:{tag}", NS)
    return [[float(number) for number in re.findall(r"-?[\d.]+", one.attrib["points"])] for one in found]


def test_a_signal_is_a_diamond_and_a_point_left_out_a_cross() -> None:
    svg = wall_spark.spark(drawn([10, 20, 10, 11], {1: "signal", 2: "left_out"}))
    paths = ET.fromstring(svg).findall(".//svg:path", NS)
    assert len([one for one in paths if "fill" in one.attrib]) == 1
    assert len([one for one in paths if "stroke" in one.attrib]) == 1
    assert wall_spark.spark_said(drawn([10, 20], {1: "signal"})) == "2 points, 1 of them signals"


def test_a_point_far_out_neither_leaves_the_picture_nor_presses_the_band_flat() -> None:
    svg = wall_spark.spark(drawn([10, 10_000, -10_000, 10]))
    line = places(svg, "polyline")[-1]
    assert all(0 <= y <= wall_spark.HEIGHT for y in line[1::2])
    band = places(svg, "polygon")[0][1::2]
    assert max(band) - min(band) > wall_spark.HEIGHT / 6


def test_without_limits_there_is_no_band_and_one_point_or_none_is_drawn_too() -> None:
    assert not places(wall_spark.spark(drawn([1, 2, 3], limits=False)), "polygon")
    assert len(places(wall_spark.spark(drawn([5.0])), "polygon")) == 1
    assert ET.fromstring(wall_spark.spark(drawn([]))).tag.endswith("svg")


def test_higher_values_stand_higher() -> None:
    line = places(wall_spark.spark(drawn([9, 11])), "polyline")[-1]
    assert line[1] > line[3]
