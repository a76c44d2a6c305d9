#include "tests/fake/driver.hpp"

#include <cstdlib>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "partition-manager/apply/step_codec.hpp"

namespace bulkhead::fake {
namespace {

constexpr std::size_t file_limit = 16UL << 20U;

}  // namespace

Driver::Driver(std::filesystem::path file, World world) : file_(std::move(file)), world_(std::move(world)) {
    if (file_.empty() || !std::filesystem::exists(file_)) return;
    done_ = read_file(file_, file_limit).value();
    for (const auto& line : split_text(done_, '\n'))
        if (!line.empty() && !act(world_, apply::decode_step(line).value().action)) std::abort();
}

Result<> Driver::observe(model::Observed& observed) {
    observed = world_.observed;
    return {};
}

Result<> Driver::execute(const model::Action& action) {
    ++calls_;
    if (hook_) BULKHEAD_TRY(hook_(Moment::before, action));
    BULKHEAD_TRY(act(world_, action));
    if (!file_.empty()) {
        model::Step step;
        step.action = action;
        done_ += apply::encode_step(step) + "\n";
        BULKHEAD_TRY(write_file_atomically(file_, done_));
    }
    if (hook_) BULKHEAD_TRY(hook_(Moment::after, action));
    return {};
}

}  // namespace bulkhead::fake
