#include "images/strict_json.hpp"

#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"

namespace bulkhead::images {
namespace {

using Json = nlohmann::json;

class Strictness {
  public:
    bool operator()(int depth, Json::parse_event_t event, const Json& value) {
        const auto level = static_cast<std::size_t>(depth);
        if (depth > json_depth_limit) fault_ = "is nested deeper than 8 levels";
        if (event == Json::parse_event_t::object_start && fault_.empty()) keys_[level].clear();
        if (event == Json::parse_event_t::key && fault_.empty() &&
            !keys_[level - 1].insert(value.get<std::string>()).second)
            fault_ = "has the key " +
                     printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 80) + " twice";
        return fault_.empty();
    }
    const std::string& fault() const { return fault_; }

  private:
    std::array<std::set<std::string>, json_depth_limit + 1> keys_;
    std::string fault_;
};

}  // namespace

std::expected<Json, std::string> parse_strict_json(std::string_view text) {
    Strictness strictness;
    try {
        Json json = Json::parse(text, std::ref(strictness));
        if (!strictness.fault().empty()) return std::unexpected(strictness.fault());
        return json;
    } catch (const Json::exception& error) {
        return std::unexpected("is not JSON: " + printable(error.what(), 200));
    }
}

}  // namespace bulkhead::images
