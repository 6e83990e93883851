"""What old eyes need of the family's page (适老化): contrast, size of text and of what is touched."""

import re
from importlib.resources import files

import pytest

STYLE = (files("api") / "templates" / "page.css").read_text(encoding="utf-8")
SCRIPT = (files("api") / "templates" / "page.js").read_text(encoding="utf-8")
COLOURS = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    return {"light": dict(COLOURS.findall(light)), "dark": dict(COLOURS.findall(dark))}


def test_contrast_is_worked_out_as_wcag_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", ["light", "dark"])
def test_all_text_has_a_contrast_of_seven_or_more(palette: str) -> None:
    colours = palettes()[palette]
    pairs = [(name, colours[f"on-{name}"]) for name in colours if f"on-{name}" in colours]
    assert len(pairs) == 7
    for name, text in pairs:
        assert contrast(colours[name], text) >= 7, (palette, name)
    # What stands on the page itself without a ground of its own, and the lines between.
    assert contrast(colours["ground"], colours["on-quiet"]) >= 7
    assert contrast(colours["ground"], colours["line"]) >= 4.5


def test_both_palettes_have_the_same_colours_and_no_other_colour_is_used() -> None:
    light, dark = palettes().values()
    assert light.keys() == dark.keys()
    assert len(re.findall(r"#[0-9a-fA-F]{3,8}\b", STYLE)) == len(light) + len(dark)


def test_no_text_is_smaller_than_twenty_pixels_and_buttons_are_large() -> None:
    assert "html { font-size: 125%" in STYLE
    sizes = [float(size) for size in re.findall(r"font(?:-size)?: ([0-9.]+)rem", STYLE)]
    assert sizes
    assert min(sizes) >= 1.0
    heights = [float(size) for size in re.findall(r"min-height: ([0-9.]+)rem", STYLE)]
    assert len(heights) == 2
    assert min(heights) * 20 >= 48


def test_the_script_looks_every_fifteen_seconds_and_sends_nothing() -> None:
    assert "setInterval(refresh, 15000)" in SCRIPT
    assert "POST" not in SCRIPT
