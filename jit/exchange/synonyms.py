"""Other names people give to the same column, in Chinese, English and pinyin.

A key is a field's name as our entities call it; a word ends at a comma. Headers are compared after
`mapping.header_key`, so case, blanks, brackets and punctuation do not matter.
"""

_WORDS = {
    "code": """
        编码, 代码, 编号, 料号, 物料编码, 物料代码, 物料编号, 零件号, 品号, 存货编码, 图号,
        item code, item no, part no, part number, part, material, sku,
        article, no, wuliaobianma, liaohao,
    """,
    "name": """
        名称, 品名, 物料名称, 零件名称, 存货名称, 描述,
        description, item name, part name, title, mingcheng, pinming,
    """,
    "item": """
        物料, 物料编码, 料号, 零件号, 品号, 产品, 成品, 产品编码,
        父件, 母件, 父项, 父件编码, 母件编码, 成品编码, 父物料,
        parent, parent item, parent part, assembly,
        item code, part number, part no, material, product, product code, sku,
        ipn,
    """,
    "component": """
        子件, 子项, 子件编码, 下级物料, 组件, 用料, 子物料,
        child, child item, component item, sub item, material code,
    """,
    "unit": """
        单位, 计量单位, 基本单位,
        unit, units, unit of measure, base unit, uom, um, danwei,
    """,
    "quantity": """
        数量, 现存量, 库存数量, 需求数量, 需求量, 订单数量, 计划数量,
        件数, 箱数, 盘点数量, 实盘数量, 期初数量,
        qty, amount, on hand, stock, demand, number of items, boxes, shuliang,
    """,
    "quantity_per": """
        单耗, 用量, 单位用量, 标准用量, 定额, 每套用量, 数量,
        quantity per, qty per, usage, quantity, qty, yongliang,
    """,
    "scrap_ratio": """
        损耗率, 报废率, 废品率, 损耗,
        scrap rate, scrap factor, wastage, overage,
    """,
    "supplier": """
        供应商, 供应商编码, 供应商代码, 供方, 厂家, 厂商,
        vendor, vendor code, supplier code, supplier no, gongyingshang,
    """,
    "location": """
        库位, 仓库, 货位, 存放位置, 储位,
        warehouse, bin, storage location, place, cangku,
    """,
    "lot": """
        批次, 批号, 批次号,
        lot no, lot number, batch, batch no, pihao,
    """,
    "due_at": """
        需求日期, 交期, 交货日期, 要求日期, 需求时间, 到货日期, 到货时间,
        due, due date, need date, required date, delivery date, date,
        target date,
    """,
    "safety_stock": """
        安全库存, 最低库存, 最小库存,
        safety stock, ss, minimum stock, min stock,
    """,
    "pack_quantity": """
        包装数量, 包装量, 每箱数量, 装箱数, 收容数,
        snp, pack size, pack quantity, pack, std pack, packaging quantity,
    """,
    "min_lot": """
        最小起订量, 起订量, 最小批量,
        moq, minimum order quantity, min lot, min order,
    """,
    "quota": """
        配额, 份额, 供货比例, 比例,
        share, quota percent,
    """,
    "price": """
        单价, 价格, 含税单价,
        unit price, cost, danjia,
    """,
    "phone": """
        电话, 手机, 联系电话,
        tel, telephone, mobile, contact phone,
    """,
    "email": """
        邮箱, 电子邮件,
        e-mail, mail,
    """,
    "contact": """
        联系人,
        contact person, contact name,
    """,
    "address": """
        地址,
        address line,
    """,
    "number": """
        单号, 订单号, 编号, 销售订单号, 需求号,
        document number, order no, order number, so, po,
    """,
    "specification": """
        规格, 型号, 规格型号, 图纸,
        spec, model, drawing, guige,
    """,
    "group": """
        分类, 物料组, 类别, 存货分类,
        category, item group, material group, class,
    """,
    "packaging": """
        包装, 包装代码, 器具, 包装容器,
        package, package code, container, packaging code,
    """,
    "supplier_part": """
        供应商料号, 供方料号, 厂家料号,
        supplier part number, vendor part, vendor part number, supplier item,
    """,
    "min_quantity": """
        最小订量, 最小起订量, 起订量,
        moq, minimum order quantity,
    """,
    "area": """
        线边, 供应区域, 工位, 需求库位,
        supply area, line side, delivery area,
    """,
    "customer": """
        客户, 客户名称,
        customer name, client,
    """,
    "revision": """
        版本, 版本号,
        rev, version,
    """,
    "external_id": """
        外部编号, 来源编号,
        item ident, external no, source id, reference,
    """,
    "earliest": """
        最早到达, 最早到货时间,
        earliest arrival time, earliest arrival, window start, from,
    """,
    "latest": """
        最晚到达, 最晚到货时间,
        latest arrival time, latest arrival, window end, until,
    """,
    "dock": """
        道口, 卸货口, 月台,
        plant dock, dock code,
    """,
    "supplier_dock": """
        供应商道口, 发货口,
        supplier dock code,
    """,
    "plant": """
        工厂, 工厂代码,
        plant code, site,
    """,
}

SYNONYMS: dict[str, tuple[str, ...]] = {
    field: tuple(word.strip() for word in words.replace("\n", " ").split(",") if word.strip())
    for field, words in _WORDS.items()
}
