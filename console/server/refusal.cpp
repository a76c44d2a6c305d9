#include "console/server/refusal.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace bulkhead::console {
namespace {

using Json = nlohmann::json;
using bulkhead::v1alpha1::ErrorDetail;

constexpr int most_errors = 32;
constexpr std::size_t longest_field = 1024;

ErrorDetail made_of(const std::string& code, const std::string& what, const std::string& where,
                    const std::string& wanted, const std::string& mend) {
    ErrorDetail detail;
    detail.set_code(printable(code, 64));
    detail.set_what(printable(what, longest_field));
    detail.set_where(printable(where, longest_field));
    detail.set_wanted(printable(wanted, longest_field));
    detail.set_mend(printable(mend, longest_field));
    return detail;
}

}  // namespace

Refusal refusal_of(const bulkhead::v1alpha1::DesiredResult& result) {
    Refusal refusal;
    for (int i = 0; i < std::min(result.errors_size(), most_errors); ++i) {
        const auto& error = result.errors(i);
        refusal.push_back(made_of(error.code(), error.what(), error.where(), error.wanted(), error.mend()));
    }
    return refusal;
}

std::string to_text(const Refusal& refusal) {
    if (refusal.empty()) return {};
    Json list = Json::array();
    for (const auto& error : refusal)
        list.push_back({error.code(), error.what(), error.where(), error.wanted(), error.mend()});
    return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Refusal refusal_from_text(const std::string& text) {
    if (text.empty()) return {};
    try {
        Refusal refusal;
        for (const auto& item : Json::parse(text)) {
            const auto fields = item.get<std::vector<std::string>>();
            refusal.push_back(made_of(fields.at(0), fields.at(1), fields.at(2), fields.at(3), fields.at(4)));
        }
        return refusal;
    } catch (const std::exception&) {
        return {made_of("refused", text, {}, {}, {})};
    }
}

std::string summary_of(const Refusal& refusal) {
    if (refusal.empty()) return {};
    const auto& first = refusal.front();
    return first.what() + (first.mend().empty() ? "" : "; ") + first.mend();
}

}  // namespace bulkhead::console
