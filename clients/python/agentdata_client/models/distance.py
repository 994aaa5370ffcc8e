from enum import Enum


class Distance(str, Enum):
    COSINE = "cosine"
    INNER_PRODUCT = "inner_product"
    L1 = "l1"
    L2 = "l2"

    def __str__(self) -> str:
        return str(self.value)
