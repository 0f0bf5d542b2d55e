"""Which products of linked data are variants of one."""

from dataclasses import dataclass, field

from duomo.catalog.formats.schema_org import Graph, Node
from duomo.catalog.text import value_text


@dataclass(slots=True)
class Group:
    """What becomes one product: the node of the whole, or of the only thing there is, and its variants."""

    whole: Node
    variants: list[Node] = field(default_factory=list)
    is_row: bool = False  # the whole is a ProductGroup of the file, beside its variants


def groups_of(graph: Graph) -> list[Group]:
    """The products of a graph, each with its variants, in the order of the file."""
    products = graph.products()
    whole = {id(node.value): Group(node, is_row=True) for node in products if "ProductGroup" in node.types}
    inner = {id(v.value) for group in whole.values() for v in group.whole.nodes("hasVariant")}
    by_id: dict[str, Group] = {}
    for each in whole.values():
        each.variants.extend(each.whole.nodes("hasVariant"))
        by_id[group_id(each.whole)] = each
    found: dict[int, Group] = {}
    for node in products:
        if id(node.value) in whole:
            found[id(node.value)] = whole[id(node.value)]
        elif id(node.value) in inner:
            continue
        elif named := _named_group(node):
            parent, key = named
            group = whole.get(id(parent.value)) or by_id.get(key)
            if group is None:
                group = Group(parent)
                by_id[key or str(id(parent.value))] = group
                found[id(node.value)] = group
            if all(known.value is not node.value for known in group.variants):
                group.variants.append(node)
        else:
            found[id(node.value)] = Group(node)
    return list(found.values())


def _named_group(node: Node) -> tuple[Node, str] | None:
    """The group that a variant says it is of, and its id."""
    for parent in node.nodes("isVariantOf"):
        return parent, group_id(parent)
    key = node.text("inProductGroupWithID")[1]
    return (node, key) if key else None


def group_id(node: Node) -> str:
    """What a group, or a variant that names its group, is known by."""
    return value_text(node.text("productGroupID", "inProductGroupWithID", "sku", "@id", "url", "name")[1])
