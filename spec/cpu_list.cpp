#include "spec/cpu_list.hpp"

#include <set>

#include "base/text.hpp"
#include "base/units.hpp"
#include "spec/fields.hpp"

namespace bulkhead::spec {

Result<std::vector<unsigned>> parse_cpu_list(std::string_view text) {
    static constexpr unsigned highest = 1023;
    static constexpr auto wanted = "host CPUs from 0 to 1023 as numbers and ranges, such as 2,4-5";
    std::set<unsigned> cpus;
    for (const auto& part : split_text(text.substr(0, 4096), ',')) {
        const auto dash = part.find('-');
        const auto first = parse_number(part.substr(0, dash), 0, highest);
        const auto last = dash == std::string::npos ? first : parse_number(part.substr(dash + 1), 0, highest);
        if (!first || !last || *first > *last)
            return fail(Code::invalid, in_quotes(text) + " is not a list of CPUs", {}, wanted);
        for (auto cpu = *first; cpu <= *last; ++cpu)
            if (!cpus.insert(static_cast<unsigned>(cpu)).second)
                return fail(Code::invalid,
                            "CPU " + std::to_string(cpu) + " is there twice in " + in_quotes(text), {},
                            wanted);
    }
    return std::vector<unsigned>(cpus.begin(), cpus.end());
}

}  // namespace bulkhead::spec
