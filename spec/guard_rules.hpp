// What guards may be told, wherever they stand.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {

template <class Rule>
std::vector<Rule> check_rules(Validation& run, const std::string& path, const v1alpha1::Guard& in,
                              Result<Rule> (*parse)(std::string_view)) {
    std::vector<Rule> rules;
    const auto count = check_count(run.findings, path, in.allow_size(), most::guard_rules);
    for (std::size_t i = 0; i < count; ++i) {
        if (auto rule = parse(in.allow(static_cast<int>(i))))
            rules.push_back(std::move(*rule));
        else
            run.findings.add(item(path, i), rule.error());
    }
    if (in.allow_size() == 0) missing(run.findings, path, "at least one thing that is allowed");
    return rules;
}

// `path`: of the guard.
model::ModbusGuard check_modbus_guard(Validation& run, const std::string& path, const v1alpha1::Guard& in);

// The guard of a conduit whose ends and services are known; nothing if it has none.
std::optional<model::ModbusGuard> check_conduit_guard(Validation& run, const std::string& path,
                                                      const v1alpha1::Conduit& in, const model::Conduit& out);

}  // namespace bulkhead::spec
