#include "spec/findings.hpp"

#include <map>
#include <utility>

namespace bulkhead::spec {
namespace {

// partitions[0].memory -> partitions[0] -> partitions -> "".
std::string_view around(std::string_view path) {
    const auto cut = path.find_last_of(".[");
    return cut == std::string_view::npos ? std::string_view{} : path.substr(0, cut);
}

}  // namespace

yaml::Mark Findings::mark(std::string_view path) const {
    for (; !path.empty(); path = around(path))
        if (const auto found = places_.find(path); found != places_.end()) return found->second;
    return {};
}

std::string Findings::place(std::string_view path) const {
    return yaml::place(file_name_, mark(path));
}

bool Findings::is_broken(std::string_view path) const {
    for (; !path.empty(); path = around(path))
        if (broken_.contains(path)) return true;
    return false;
}

void Findings::add(std::string_view path, std::string what, std::string wanted, std::string mend) {
    if (!is_broken(path)) add_at(mark(path), std::move(what), std::move(wanted), std::move(mend));
}

void Findings::add_at(yaml::Mark at, std::string what, std::string wanted, std::string mend) {
    if (full()) {
        ++more_;
        return;
    }
    found_.push_back(
        {at,
         {Code::invalid, std::move(what), yaml::place(file_name_, at), std::move(wanted), std::move(mend)}});
}

Errors Findings::take() && {
    // Errors at one mark stay in the order in which they were found. (clang-19 refuses stable_sort of
    // libstdc++ 12, which calls what is deprecated.)
    std::multimap<yaml::Mark, Error> in_order;
    for (auto& found : found_) in_order.emplace(found.at, std::move(found.error));
    Errors errors;
    for (auto& [at, error] : in_order) errors.push_back(std::move(error));
    if (more_ > 0)
        errors.push_back(
            {Code::invalid, "and " + std::to_string(more_) + " more errors", file_name_, {}, {}});
    return errors;
}

}  // namespace bulkhead::spec
