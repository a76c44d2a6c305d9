#include "console/server/paging.hpp"

#include <array>

#include "base/text.hpp"

namespace bulkhead::console {
namespace {

constexpr std::array fields{"name", "site", "health", "attestation", "last_seen"};
constexpr std::size_t longest_page = 1000;
constexpr std::size_t longest_page_token = 4096;

}  // namespace

Result<Order> order_of(const bulkhead::v1alpha1::ListRequest& request) {
    Order order;
    order.field = request.sort();
    if (order.field.starts_with('-')) {
        order.descends = true;
        order.field.erase(0, 1);
    }
    if (order.field.empty()) order.field = "name";
    if (std::ranges::find(fields, order.field) == fields.end())
        return fail(Code::invalid, "can't sort by '" + printable(order.field, 40) + "'", "sort",
                    "name, site, health, attestation or last_seen, with a '-' before it to descend");
    if (request.page_size() > longest_page)
        return fail(Code::invalid, "a page of " + std::to_string(request.page_size()) + " is too large",
                    "page_size", "at most 1000");
    if (request.page_size() != 0) order.size = request.page_size();
    if (!request.page_token().empty()) {
        if (request.page_token().size() > longest_page_token)
            return fail(Code::invalid, "is too long", "page_token", "the `next` of a former reply");
        BULKHEAD_TRY_ASSIGN(order.after, crypto::from_base64url(request.page_token(), "page_token"));
    }
    return order;
}

}  // namespace bulkhead::console
