"""The types of compiled strategies, and how each lies in registers."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.imputils import lower_constant
from numba.extending import models, register_model, typeof_impl

from triplebar.strategy.compile.slots import TUPLE_LONGEST, Slot, Thing
from triplebar.strategy.compile.texts import Text
from triplebar.strategy.compile.views import size_of

I64 = ir.IntType(64)
F64 = ir.DoubleType()


def words(count: int) -> ir.ArrayType:
    """So many words, held as one value."""
    return ir.ArrayType(I64, count)


class TextType(types.Type):
    """A `str`: hash and place."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Text")


class DeskType(types.Type):
    """`ctx`."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Desk")


class ViewType(types.Type):
    """A bar, fill, event, timer or order, by value."""

    def __init__(self, view: str) -> None:
        self.view = view
        super().__init__(name=f"triplebar.{view}")


class AboutType(types.Type):
    """The address of a view, as a handler is given it."""

    def __init__(self, view: str) -> None:
        self.view = view
        super().__init__(name=f"triplebar.About({view})")


class SymbolsType(types.Type):
    """`ctx.symbols`: the address of `ctx`."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Symbols")


class ItemsType(types.Type):
    """`bars.items()` and the like of a slice, or of a table."""

    def __init__(self, over: types.Type, what: str) -> None:
        self.over = over
        self.what = what
        super().__init__(name=f"triplebar.{what}({over.name})")

    @property
    def key(self) -> object:
        """What it is the same by: not by name, since a class that was compiled anew has the name of the old one."""
        return self.over, self.what


class OrdersType(types.Type):
    """`ctx.open_orders()`: how many, and where their numbers stand."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Orders")


class WindowType(types.Type):
    """`ctx.bars(symbol, n)`: ctx, place, first row, end."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Window")


class DiceType(types.Type):
    """A stream of random numbers: the address of key and counter."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Dice")


class GaugeType(types.Type):
    """An indicator: its address."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(name=f"triplebar.{kind}")


class ManyType(types.Type):
    """A tuple whose length changes: a count, then the items."""

    def __init__(self, item: Slot, dtype: types.Type) -> None:
        self.item = item
        self.dtype = dtype
        super().__init__(name=f"triplebar.Many({dtype.name})")

    @property
    def key(self) -> object:
        """What it is the same by."""
        return self.item, self.dtype


class KeptType(types.Type):
    """Such a tuple while a loop goes over it: the address of its words."""

    def __init__(self, many: ManyType) -> None:
        self.many = many
        super().__init__(name=f"triplebar.Kept({many.name})")

    @property
    def key(self) -> object:
        """What it is the same by."""
        return self.many


class TableType(types.Type):
    """A dict by symbol or a list of fixed length: the address of a count and the values."""

    def __init__(self, item: Slot, dtype: types.Type, *, by_symbol: bool, in_order: bool = True) -> None:
        self.in_order = in_order
        self.item = item
        self.dtype = dtype
        self.by_symbol = by_symbol
        super().__init__(name=f"triplebar.{'Table' if by_symbol else 'Row'}({item!r})")

    @property
    def key(self) -> object:
        """What it is the same by."""
        return self.item, self.dtype, self.by_symbol, self.in_order


class ThingType(types.Type):
    """A strategy, or an object that it keeps: the address of its slots."""

    def __init__(self, layout: Thing) -> None:
        self.layout = layout
        super().__init__(name=f"{type(self).__name__}({layout!r})")


def shown(kind: Any) -> str:
    """What a user would call a value of this type."""
    match kind:
        case ThingType():
            return kind.layout.shown
        case TableType():
            inside = shown(kind.dtype)
            return f"dict[str, {inside}]" if kind.by_symbol else f"list[{inside}]"
        case ManyType():
            return f"tuple[{shown(kind.dtype)}, ...]"
        case types.Optional():
            return f"{shown(kind.type)} | None"
        case types.BaseTuple():
            return f"tuple[{', '.join(shown(each) for each in kind.types)}]"
        case types.Boolean():
            return "bool"
        case types.Integer():
            return "int"
        case types.Float():
            return "float"
        case types.NoneType():
            return "None"
        case types.Array():
            return f"array of {shown(kind.dtype)}"
        case TextType():
            return "str"
    return str(kind).replace("triplebar.", "")


TEXT = TextType()
DESK = DeskType()
SYMBOLS = SymbolsType()
ORDERS = OrdersType()
WINDOW = WindowType()
DICE = DiceType()
BAR = ViewType("BarView")
FILL = ViewType("FillView")
EVENT = ViewType("EventView")
TIMER = ViewType("TimerView")
ORDER = ViewType("OrderView")
SLICE = AboutType("SliceView")

for kind in (DeskType, AboutType, SymbolsType, DiceType, GaugeType, KeptType, TableType, ThingType):
    register_model(kind)(models.OpaqueModel)


@register_model(TextType)
class _TextModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: TextType) -> None:
        super().__init__(manager, kind, words(2))


@register_model(ViewType)
class _ViewModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: ViewType) -> None:
        super().__init__(manager, kind, words(size_of(kind.view)))


@register_model(OrdersType)
class _OrdersModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: OrdersType) -> None:
        super().__init__(manager, kind, words(2))


@register_model(WindowType)
class _WindowModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: WindowType) -> None:
        super().__init__(manager, kind, words(4))


@register_model(ManyType)
class _ManyModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: ManyType) -> None:
        super().__init__(manager, kind, words(1 + TUPLE_LONGEST * kind.item.words))


@register_model(ItemsType)
class _ItemsModel(models.StructModel):
    def __init__(self, manager: Any, kind: ItemsType) -> None:
        super().__init__(manager, kind, [("over", kind.over)])


@typeof_impl.register(Text)
def _typeof_text(value: Text, context: object) -> TextType:
    return TEXT


@lower_constant(TextType)
def _constant_text(context: object, builder: Any, kind: object, value: Text) -> ir.Constant:
    return ir.Constant(words(2), [ir.Constant(I64, value.hash), ir.Constant(I64, -1)])
