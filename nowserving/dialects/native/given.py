"""What an order names, found in the directory: a service by any of its names, fields by theirs."""

from uuid import UUID

from nowserving.dialects.native import orders
from nowserving.dialects.native.orders_work import OpenCase
from nowserving.kit.problems import Invalid, NotFound
from nowserving.places.directory import Directory
from nowserving.places.services import Service


def service_of(directory: Directory, order: orders.QueueUp | OpenCase) -> Service:
    """The service, by whichever of its names was given."""
    if order.service_id is not None:
        return directory.service(order.service_id)
    found = [
        one
        for one in directory.services.values()
        if not one.archived
        and (one.number == order.service_number or one.ext_ref == order.service_ext_ref)
    ]
    if not found:
        raise NotFound(what="service")
    if len(found) > 1:
        raise Invalid(field="service_ext_ref", reason="several services have it")
    return found[0]


def by_id(directory: Directory, service: Service, given: orders.Values) -> dict[UUID, object]:
    """The values of fields by the fields' ids, whether they came by slug or by id."""
    known = directory.fields_of(service.category_id)
    ids = {field.slug: field.id for field in known} | {str(field.id): field.id for field in known}
    for name in given:
        if name not in ids:
            raise Invalid(field="fields", reason=f"this service has no field {name}")
    return {ids[name]: value for name, value in given.items()}
