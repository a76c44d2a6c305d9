#include "partition-manager/apply/recovery.hpp"

#include "base/log.hpp"

namespace bulkhead::apply {

Result<std::optional<Outcome>> recover(Journal& journal, Executor& executor, const Replan& replan,
                                       const OnProgress& progress, std::stop_token stop) {
    BULKHEAD_TRY_ASSIGN(auto operations, journal.unfinished());
    if (operations.empty()) return std::nullopt;
    // One worker begins one operation at a time; an older one can only be left by one that replaced it.
    for (std::size_t i = 0; i + 1 < operations.size(); ++i) {
        const Error replaced{
            Code::conflict, "replaced by operation " + operations.back().id.str(), {}, {}, {}};
        BULKHEAD_TRY(journal.finish(operations[i].id, &replaced));
    }
    const auto& operation = operations.back();
    log::info("going on with an unfinished operation", {{"unfinished", operation.id.str()}});
    BULKHEAD_TRY_ASSIGN(const auto observed, executor.observe());
    BULKHEAD_TRY_ASSIGN(const auto plan, replan(operation, observed));
    BULKHEAD_TRY_ASSIGN(auto outcome, executor.resume(operation, plan, progress, stop));
    return outcome;
}

}  // namespace bulkhead::apply
