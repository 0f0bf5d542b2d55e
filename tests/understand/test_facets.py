from duomo.product import Product, Variant
from duomo.understand.facets import FACETS, basic_color, given, value_called, values_of


def test_every_value_has_names_in_both_languages_that_lead_back_to_it() -> None:
    for facet in FACETS:
        for value in values_of(facet):
            assert value_called(facet, value.en[0]) == value.en[0]
            assert value_called(facet, value.zh[0])


def test_brand_size_and_quantity_have_no_list_of_values() -> None:
    assert [facet for facet in FACETS if not values_of(facet)] == ["brand", "size", "quantity"]


def test_shades_lead_to_thirteen_basic_colors() -> None:
    basics = {basic_color(value.en[0]) for value in values_of("color")}
    assert len(basics) == 13
    assert {basic_color(name) for name in ("navy blue", "teal", "blue")} == {"blue"}


def test_what_a_catalog_gives_is_found_by_its_usual_names_on_product_and_variants() -> None:
    variants = (Variant(id="a", attributes={"尺码": ("M",)}), Variant(id="b", attributes={"尺码": ("L",)}))
    product = Product(
        id="1",
        title="Tee",
        brand="Acme",
        attributes={"Base-Colour": ("Red",), "pattern": (" ",)},
        variants=variants,
    )
    assert given(product, "color") == ("Red",)
    assert given(product, "size") == ("M", "L")
    assert given(product, "brand") == ("Acme",)
    assert given(product, "pattern") == ()
    assert given(product, "material") == ()
