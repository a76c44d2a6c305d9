// One driver for everything, over a World. With a file, the world outlives the process: what was done is kept
// there, one action for each line, and done again when the file is opened.
#pragma once

#include <filesystem>
#include <functional>

#include "model/driver.hpp"
#include "tests/fake/world.hpp"

namespace bulkhead::fake {

enum class Moment { before, after };  // the effect of an action

class Driver final : public model::Driver {
  public:
    // Called around every action; may end the process. An error of it fails the action (before: without its
    // effect).
    using Hook = std::function<Result<>(Moment, const model::Action&)>;

    // `file` empty: in memory only.
    explicit Driver(std::filesystem::path file = {}, World world = new_world());

    std::string_view name() const override { return "fake"; }
    bool handles(const model::Action&) const override { return true; }
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    void on_action(Hook hook) { hook_ = std::move(hook); }
    World& world() { return world_; }
    unsigned calls() const { return calls_; }

  private:
    std::filesystem::path file_;
    World world_;
    std::string done_;  // what the file holds
    Hook hook_;
    unsigned calls_ = 0;
};

}  // namespace bulkhead::fake
