"""What must be understood of questions as shoppers ask them, in three real vocabularies."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from duomo.catalog.read import read_catalog
from duomo.catalog.sample.palette import COLORS
from duomo.catalog.sample.plan import plan_product
from duomo.product import Product
from duomo.search.parse import Known, Reading, know, known_of, read
from duomo.shelf.exact import ExactShelf
from duomo.shelf.layout import layout_of
from duomo.shelf.rows import good_of, table_of


@cache
def drawn() -> Known:
    """The vocabulary of the drawn sample shop of 600 products, priced in dollars."""
    plans = [plan_product(index, 7) for index in range(600)]
    values: dict[str, set[str]] = {}
    for plan in plans:
        said = {"brand": plan.brand, "material": plan.material, "pattern": plan.pattern, **plan.cut}
        for column, value in {**said, "kind": plan.family.en, "kind_zh": plan.family.zh}.items():
            values.setdefault(column, set()).add(value)
        values.setdefault("category", set()).update((plan.family.category, plan.family.subcategory))
        values.setdefault("color", set()).update(plan.colors)
        values.setdefault("color_zh", set()).update(COLORS[color].zh for color in plan.colors)
        values.setdefault("size", set()).update(plan.sizes)
    return know(
        {**dict.fromkeys(values, "texts"), "category": "path", "price": "number", "currency": "text"},
        {column: sorted(each) for column, each in values.items()},
        priced=True,
        currencies={"USD"},
    )


def stocked(products: Sequence[Product]) -> Known:
    """What a shelf with these products knows."""
    shelf = ExactShelf()
    goods = [good_of(product, "goods") for product in products]
    shelf.upsert(table_of(goods, layout_of(products, ()), opened={}, vectors={}))
    return known_of(shelf.snapshot())


@pytest.fixture(scope="module")
def luma(data_dir: Path) -> Known:
    """A real shop of sportswear: 1,897 variants, prices in dollars, no brands."""
    return stocked(read_catalog(data_dir / "luma_shop").products)


@pytest.fixture(scope="module")
def fashion(data_dir: Path) -> Known:
    """A tenth of a real catalog of fashion, without prices, sizes and brands."""
    return stocked(read_catalog(data_dir / "fashion_products").products[::10])


def hard_of(reading: Reading) -> list[str]:
    """What must hold: the filters, and the unwanted words with a minus before them."""
    return sorted(m.where or f"-{m.unwanted}" for m in reading.meanings if m.hard)


def soft_of(reading: Reading) -> set[str]:
    """What is preferred: the filters, and the first spelling of a measure."""
    return {m.where or m.spellings[0] for m in reading.meanings if not m.hard}


Row = tuple[
    str, str, list[str], set[str]
]  # question, text that is left, hard meanings, some of the soft ones

LIMITS: list[Row] = [
    (
        "dress under 50",
        "dress",
        ["price < 50"],
        {"kind = 'dress' or kind_zh = '连衣裙' or category = 'Dresses'"},
    ),
    ("red dress below $50", "red dress", ["price < 50"], {"color = 'red'"}),
    ("shirts less than 40 dollars", "shirts", ["price < 40"], set()),
    ("mug up to 30", "mug", ["price <= 30"], set()),
    ("boots cheaper than 80", "boots", ["price < 80"], set()),
    ("bags over 100", "bags", ["price > 100"], set()),
    ("watch at least $150", "watch", ["price >= 150"], set()),
    ("watch more than 150 usd", "watch", ["price > 150"], set()),
    ("scarf from 20 to 30", "scarf", ["price >= 20 and price <= 30"], set()),
    ("$20-30", "", ["price >= 20 and price <= 30"], set()),
    ("lamp $20 to $30", "lamp", ["price >= 20 and price <= 30"], set()),
    ("lamp $20 - $30", "lamp", ["price >= 20 and price <= 30"], set()),
    ("between 20 and 30", "", ["price >= 20 and price <= 30"], set()),
    ("hoodie between $20 and $30", "hoodie", ["price >= 20 and price <= 30"], set()),
    ("20 - 30 dollars", "", ["price >= 20 and price <= 30"], set()),
    ("vase around 50", "vase", [], {"price >= 40 and price <= 60"}),
    ("vase about $50", "vase", [], {"price >= 40 and price <= 60"}),
    ("50 bucks", "50 bucks", [], {"price >= 40 and price <= 60"}),
    ("$25 mug", "$25 mug", [], {"price >= 20 and price <= 30"}),
    ("watch under 1,299.00", "watch", ["price < 1299"], set()),
    ("watch under 1.5k", "watch", ["price < 1500"], set()),
    ("tote 50 or less", "tote", ["price <= 50"], set()),
    ("tote $50 and under", "tote", ["price <= 50"], set()),
    ("tote $100+", "tote", ["price >= 100"], set()),
    ("tote max $40", "tote", ["price <= 40"], set()),
    ("tote, max 40", "tote", ["price <= 40"], set()),
    ("budget 100 jacket", "jacket", ["price <= 100"], set()),
    ("jacket, price under 60", "jacket", ["price < 60"], set()),
    ("under 50 red dresses", "red dresses", ["price < 50"], {"color = 'red'"}),
    ("jackets not over 70", "jackets", ["price <= 70"], set()),
    ("jackets over 20 under 70", "jackets", ["price < 70", "price > 20"], set()),
    ("200元以下", "", ["price <= 200"], set()),
    (
        "200元以下的裙子",
        "裙子",
        ["price <= 200"],
        {"kind = 'skirt' or kind_zh = '半身裙' or category = 'Skirts'"},
    ),
    ("裙子不超过300", "裙子", ["price <= 300"], set()),
    ("300以内的鞋", "鞋", ["price <= 300"], {"category = 'Shoes'"}),
    ("300块以内", "", ["price <= 300"], set()),
    ("100到200元的包", "包", ["price >= 100 and price <= 200"], {"category = 'Bags'"}),
    ("100-200块", "", ["price >= 100 and price <= 200"], set()),
    ("100至200之间的手表", "手表", ["price >= 100 and price <= 200"], set()),
    ("价格100-200", "", ["price >= 100 and price <= 200"], set()),
    ("两三百的鞋", "鞋", ["price >= 200 and price < 400"], set()),
    ("两三百块钱", "", ["price >= 200 and price < 400"], set()),
    ("三五百的包", "包", ["price >= 300 and price < 600"], set()),
    ("200多块的鞋", "鞋", ["price >= 200 and price < 300"], set()),
    ("五百左右的手表", "手表", [], {"price >= 400 and price <= 600"}),
    ("大约300元", "", [], {"price >= 240 and price <= 360"}),
    ("一千以上", "", ["price >= 1000"], set()),
    ("千元以下的手表", "手表", ["price <= 1000"], set()),
    ("百元以内", "", ["price <= 100"], set()),
    ("一千五以下", "", ["price <= 1500"], set()),
    ("2万以下", "", ["price <= 20000"], set()),
    ("不到50的杯子", "杯子", ["price < 50"], set()),
    ("低于80元", "", ["price < 80"], set()),
    ("至少100元的椅子", "椅子", ["price >= 100"], set()),
    ("预算500的包", "包", ["price <= 500"], set()),
    ("100元的杯子", "100元的杯子", [], {"price >= 80 and price <= 120"}),
    ("２００元以下", "", ["price <= 200"], set()),
    ("價錢200元以下的裙子", "裙子", ["price <= 200"], set()),
    ("三百塊以內的連衣裙", "連衣裙", ["price <= 300"], set()),
    ("dress 200元以下", "dress", ["price <= 200"], set()),
    ("裙子 under 50", "裙子", ["price < 50"], set()),
    ("$50以下", "", ["price <= 50"], set()),
    ("50美元以下", "", ["price <= 50"], set()),
    ("dress, nothing over 100", "dress", ["price <= 100"], set()),
    ("dress not under 50", "dress", ["price >= 50"], set()),
    ("不要100以上的裙子", "裙子", ["price < 100"], set()),
    ("裙子别超过100", "裙子", ["price <= 100"], set()),
    ("不要100到200元的裙子", "裙子", ["not (price >= 100 and price <= 200)"], set()),
    ("5-6万元的手表", "手表", ["price >= 50000 and price <= 60000"], set()),
    ("手表不能超过100元", "手表", ["price <= 100"], set()),
]
NO_LIMITS: list[Row] = [
    (said, said, [], set())
    for said in (
        "10以内加法练习", "a<b 1<2", "厂西新村43号", "6000到8000多的单反",
        "iphone 12", "12 cups", "hp dv7 1211", "501 jeans", "under armour shirt", "over the knee boots",
        "below knee skirt", "under desk drawer", "from nike", "less is more tee", "size 10", "1,299.00",
        "2万", "monitor under 24 inch", "up to 10 people", "under 5 feet", "over 65 years",
        "less than 200 yuan", "£20 mug", "under €30", "iphone 15 pro max 256", "20-30", "dv7-1211ea",
        "under 50%", "1/2 in. valve", "toys for ages 3 and up", "3件套", "5岁以下", "100ml以下",
        "24寸以下", "身高160以下", "一千零一夜", "从0到1", "300人民币以下", "一块手表", "100元素",
        "宽40以内", "2022元旦", "第三套", "不锈钢杯",
    )
]  # fmt: skip
REFUSALS: list[Row] = [
    ("not red", "", ["not color = 'red'"], set()),
    ("dress, not red", "dress", ["not color = 'red'"], set()),
    ("no red or black", "", ["not color in ('red', 'black')"], set()),
    ("bag not red or blue", "bag", ["not color in ('red', 'blue')"], set()),
    ("except black", "", ["not color = 'black'"], set()),
    ("sneakers except white", "sneakers", ["not color = 'white'"], set()),
    ("anything but blue", "", ["not color = 'blue'"], set()),
    ("any color but pink", "", ["not color = 'pink'"], set()),
    ("coat other than sky blue", "coat", ["not color = 'sky blue'"], set()),
    ("shoes but not velmira", "shoes", ["not brand = 'Velmira'"], set()),
    ("shoes but not nike", "shoes", ["-nike"], set()),
    ("shirt not cotton", "shirt", ["not material = 'cotton'"], set()),
    ("non-leather handbag", "handbag", ["not material = 'leather'"], set()),
    ("sweater no wool", "sweater", ["not material = 'wool'"], set()),
    ("jacket without hood", "jacket", ["-hood", "not hood = 'hooded'"], set()),
    ("shirt no buttons", "shirt", ["-buttons"], set()),
    ("no buttons shirt", "shirt", ["-buttons"], set()),
    ("shirt w/o logo", "shirt", ["-logo"], set()),
    ("bag with no straps for women", "bag for women", ["-straps"], set()),
    ("trousers without belt loops", "trousers", ["-belt loops"], set()),
    ("dress without belt red", "dress red", ["-belt"], {"color = 'red'"}),
    ("no jeans", "", ["not (kind = 'jeans' or kind_zh = '牛仔裤' or category = 'Jeans')"], set()),
    ("不要红色", "", ["not color = 'red'"], set()),
    ("不要红色的裙子", "裙子", ["not color = 'red'"], set()),
    ("不要红色和黑色", "", ["not color in ('red', 'black')"], set()),
    ("不要红色、黑色", "", ["not color in ('red', 'black')"], set()),
    ("除了黑色", "", ["not color = 'black'"], set()),
    ("除了黑色都可以", "", ["not color = 'black'"], set()),
    ("卫衣 除黑色以外", "卫衣", ["not color = 'black'"], set()),
    ("别是黑色", "", ["not color = 'black'"], set()),
    ("不是黑色的包", "包", ["not color = 'black'"], set()),
    ("不带帽的卫衣", "卫衣", ["-帽", "not hood = 'hooded'"], set()),
    ("不要带帽的", "", ["-帽", "not hood = 'hooded'"], set()),
    ("没有拉链的夹克", "夹克", ["-拉链"], set()),
    ("非真皮", "", ["not material = 'leather'"], set()),
    ("不要羊毛", "", ["not material = 'wool'"], set()),
    ("不加绒打底裤", "打底裤", ["-加绒"], set()),
    ("不含酒精的香水", "香水", ["-酒精"], set()),
    ("不要紅色", "", ["not color = 'red'"], set()),
    ("不帶帽", "", ["-帽", "not hood = 'hooded'"], set()),
    ("沒有拉鏈的夾克", "夾克", ["-拉鏈"], set()),
    ("连衣裙不要红色 200元以下", "连衣裙", ["not color = 'red'", "price <= 200"], set()),
    ("dress 不要红色", "dress", ["not color = 'red'"], set()),
    ("t-shirt不要black", "t-shirt", ["not color = 'black'"], set()),
]  # fmt: skip
NO_REFUSALS: list[Row] = [
    (said, said, [], set())
    for said in (
        "麦克风没有声音", "电脑没有网线怎么上网", "为什么我没有花", "不是手机里面的短信",
        "non-stick pan", "sleeveless dress", "no show socks", "no drill blinds", "no 7 cream",
        "forget me not", "do not disturb sign", "wireless headphones", "cordless drill",
        "stainless steel bottle", "no hook line", "无袖", "无线耳机", "不锈钢", "不粘锅", "不倒翁", "别针",
        "别克", "非洲鼓", "有没有拉链", "没有人", "免打孔", "告别", "识别", "除湿机", "除螨仪", "无印良品",
        "不干胶", "不一样的裙子",
    )
]  # fmt: skip
SIZES: list[Row] = [
    ("size M", "", ["size = 'M'"], set()),
    ("hoodie XL", "hoodie", ["size = 'XL'"], set()),
    ("hoodie size xl", "hoodie", ["size = 'XL'"], set()),
    ("shirt size small", "shirt", ["size = 'S'"], set()),
    ("shirt in size M or L", "shirt", ["size in ('M', 'L')"], set()),
    ("red dress M", "red dress", ["size = 'M'"], {"color = 'red'"}),
    ("EU 42", "", ["size = '42'"], set()),
    ("sneakers 42", "sneakers", ["size = '42'"], set()),
    ("boots size 38 under 90", "boots", ["price < 90", "size = '38'"], set()),
    ("42码", "", ["size = '42'"], set()),
    ("42码运动鞋", "运动鞋", ["size = '42'"], set()),
    ("尺码 M", "", ["size = 'M'"], set()),
    ("尺碼M的襯衫", "襯衫", ["size = 'M'"], set()),
    ("XL码卫衣", "卫衣", ["size = 'XL'"], set()),
    ("鞋码40", "", ["size = '40'"], set()),
    ("欧码42", "", ["size = '42'"], set()),
    ("size 46", "size 46", [], set()),
    ("sneakers 10.5", "sneakers 10.5", [], set()),
    ("US 9", "US 9", [], set()),
    ("size of shower", "size of shower", [], set()),
    ("s", "s", [], set()),
    ("5号电池", "5号电池", [], set()),
]
PREFERENCES: list[Row] = [
    ("navy blue shirt", "navy blue shirt", [], {"color = 'navy'"}),
    ("sky blue", "sky blue", [], {"color = 'sky blue'"}),
    ("gray scarf", "gray scarf", [], {"color = 'grey'"}),
    ("velmira heels", "velmira heels", [], {"brand = 'Velmira'"}),
    ("hollbeck & dune mug", "hollbeck & dune mug", [], {"brand = 'Hollbeck & Dune'"}),
    ("striped cotton tee", "striped cotton tee", [], {"pattern = 'striped'", "material = 'cotton'"}),
    ("stainless steel water bottle", "stainless steel water bottle", [], {"material = 'stainless steel'"}),
    ("long-sleeve shirt", "long-sleeve shirt", [], {"sleeve = 'long-sleeve'"}),
    ("红色连衣裙", "红色连衣裙", [], {"color = 'red'"}),
    ("大红连衣裙", "大红连衣裙", [], {"color = 'red'"}),
    ("红裙子", "红裙子", [], {"color = 'red'"}),
    ("白鞋", "白鞋", [], {"color = 'white'"}),
    ("紅色連衣裙", "紅色連衣裙", [], {"color = 'red'"}),
    ("藏青色衬衫", "藏青色衬衫", [], {"color = 'navy'"}),
    ("纯棉条纹衬衫", "纯棉条纹衬衫", [], {"material = 'cotton'", "pattern = 'striped'"}),
    ("羊毛围巾", "羊毛围巾", [], {"material = 'wool'"}),
    ("真丝 dress", "真丝 dress", [], {"material = 'silk'"}),
    ("无袖连衣裙", "无袖连衣裙", [], {"sleeve = 'sleeveless'"}),
    ("16oz mug", "16oz mug", [], {"16oz"}),
    ("16 oz mug", "16 oz mug", [], {"16oz"}),
    ("500毫升水杯", "500毫升水杯", [], {"500ml"}),
    ("1/2 in. valve", "1/2 in. valve", [], {"1/2in"}),
    ("24寸", "24寸", [], {"24in"}),
    ("5米", "5米", [], {"5m"}),
]
LUMA: list[Row] = [
    ("women's yoga pants under 40", "women's yoga pants", ["price < 40"], {"gender = 'Women'"}),
    ("men's hoodie not black size L", "men's hoodie", ["not color = 'Black'", "size = 'L'"], set()),
    ("jacket without hood", "jacket", ["-hood", "not style_general = 'Hooded'"], set()),
    ("pants size 32", "pants", ["size = '32'"], {"category = 'Pants'"}),
    ("not for women", "", ["not gender = 'Women'"], set()),
    ("organic cotton tee", "organic cotton tee", [], {"material = 'Organic Cotton'"}),
    ("男士黑色短裤", "男士黑色短裤", [], {"gender = 'Men'", "color = 'Black'"}),
    ("女装 50块以下", "女装", ["price <= 50"], {"gender = 'Women'"}),
    ("男童鞋", "男童鞋", [], {"gender = 'Boys'"}),
    ("不要紫色的背心 M码", "背心", ["not color = 'Purple'", "size = 'M'"], set()),
]
FASHION: list[Row] = [
    ("dress under 50", "dress under 50", [], set()),  # the catalog names no prices
    ("200元以下", "200元以下", [], set()),
    ("shirt size M", "shirt size M", [], set()),
    ("kids tshirt", "kids tshirt", [], {"gender in ('Boys', 'Girls')", "article_type = 'Tshirts'"}),
    ("casual summer shoes men", "casual summer shoes men", [], {"usage = 'Casual'", "season = 'Summer'"}),
    ("not navy blue", "", ["not color = 'Navy Blue'"], set()),
    ("不要女款", "", ["not gender = 'Women'"], set()),
    ("puma shoes but not black", "puma shoes", ["not color = 'Black'"], set()),
    ("藏青色衬衫 男", "藏青色衬衫 男", [], {"color = 'Navy Blue'", "gender = 'Men'"}),
    ("夏季女款凉鞋", "夏季女款凉鞋", [], {"season = 'Summer'", "gender = 'Women'"}),
]


@pytest.mark.parametrize(
    "row", [*LIMITS, *NO_LIMITS, *REFUSALS, *NO_REFUSALS, *SIZES, *PREFERENCES], ids=lambda row: row[0]
)
def test_a_question_to_the_drawn_shop_is_understood(row: Row) -> None:
    understood(row, drawn)


@pytest.mark.parametrize("row", LUMA, ids=lambda row: row[0])
def test_a_question_to_a_shop_of_sportswear_is_understood(row: Row, luma: Known) -> None:
    understood(row, lambda: luma)


@pytest.mark.parametrize("row", FASHION, ids=lambda row: row[0])
def test_a_question_to_a_catalog_without_prices_is_understood(row: Row, fashion: Known) -> None:
    understood(row, lambda: fashion)


def understood(row: Row, known: Callable[[], Known]) -> None:
    """The row's text, all of its hard meanings, and at least its soft ones."""
    question, text, hard, soft = row
    reading = read(question, known())
    assert (reading.text, hard_of(reading)) == (text, sorted(hard))
    assert soft <= soft_of(reading)
