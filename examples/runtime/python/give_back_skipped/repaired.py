"""An order lets the customer's credit go in any case."""


class Credit:
    def __init__(self):
        self._held = []

    def hold(self, order):
        self._held.append(order)

    def release(self, order):
        self._held.remove(order)


class Order:
    def __init__(self, number, amount):
        self.number = number
        self.amount = amount


class Shop:
    def __init__(self):
        self.credit = Credit()
        self.stock = {"tea": 3}

    def buy(self, name: str, number: int):
        order = Order(number, 12)
        self.credit.hold(order)
        try:
            if not self.stock.get(name):
                return None
            self.stock[name] -= 1
            return order.number
        finally:
            self.credit.release(order)


SHOP = Shop()


def serve(number: int):
    return SHOP.buy("coffee", number)
