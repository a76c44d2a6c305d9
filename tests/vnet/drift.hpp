// A switch that someone else is at, with the same rights as we.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/vnet/lab.hpp"
#include "vnet/program.hpp"

namespace bulkhead::vnet::test {

class Drift : public Furnished {
  protected:
    void SetUp() override {
        Furnished::SetUp();
        other = open_maps();
        ASSERT_TRUE(other);
        observe();
        driver->take_findings();
    }

    static void run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }
    // Found by looking, told once, by a text with this word.
    void expect_told(const std::string& word) {
        const auto drifted = driver->has_drifted();
        ASSERT_TRUE(drifted) << drifted.error().text();
        EXPECT_TRUE(*drifted);
        std::string told;
        for (const auto& text : driver->take_findings()) told += text + "\n";
        EXPECT_NE(told.find(word), std::string::npos) << told;
        EXPECT_FALSE(*driver->has_drifted()) << "told once";
    }
    void expect_port_mended() {
        EXPECT_FALSE(observe().ports.at(robot.name).guarded);
        execute(model::CreatePort{robot});
        EXPECT_TRUE(observe().ports.at(robot.name).guarded);
        expect_works();
    }
    void expect_works() {
        expect_passes(*robot_guest, *admin_guest, opening(robot, admin, next_port_++, 8883));
        expect_drops(*robot_guest, robot, opening(robot, press, 40000, 8883), "no_conduit");
    }

    const std::string tap = robot.name.str();
    std::unique_ptr<Program> other;

  private:
    unsigned next_port_ = 41000;
};

}  // namespace bulkhead::vnet::test
