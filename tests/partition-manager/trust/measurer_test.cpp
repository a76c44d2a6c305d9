// What is written down while a partition runs, in a log over a real TPM.
#include "partition-manager/trust/measurer.hpp"

#include "attestation/event_log.hpp"
#include "tests/partition-manager/trust/tpm_host.hpp"

namespace bulkhead::trust {
namespace {

using attestation::Record;
using attestation::RecordType;

const model::DeviceName arm("arm");
const model::DeviceName scale("scale");

class RunningPartition : public TpmHost {
  protected:
    void SetUp() override {
        ASSERT_NO_FATAL_FAILURE(TpmHost::SetUp());
        spec_.gateway = model::GatewayName("press-line-3");
        spec_.tenants = {{model::TenantName("acme"), {}}};
        spec_.devices = {{.name = arm, .kind = model::DeviceKind::serial, .at = "/dev/arm"},
                         {.name = scale, .kind = model::DeviceKind::usb, .at = "1-2"}};
        model::Partition partition;
        partition.name = press;
        partition.tenant = model::TenantName("acme");
        partition.image = model::ImageName("partition-base");
        for (const auto& device : spec_.devices) {
            model::DeviceUse use;
            use.device = device.name;
            partition.devices.push_back(use);
        }
        spec_.partitions = {partition};
        log_ =
            *MeasurementLog::open(*database_, *host_, "boot-1", {{"kernel", "k"}, {"reset_count", "1"}},
                                  [](const std::string&, const std::string& text) { ADD_FAILURE() << text; });
        open();
        model::MachineFacts facts;
        facts.partition = press;
        facts.uid = uid;
        facts.tpm = true;
        const auto started = measurer_->before_start(facts);
        ASSERT_TRUE(started) << started.error().text();
    }
    // As a manager does that begins anew.
    void open() {
        measurer_ = *Measurer::open(
            {*database_, *log_, *vtpms_, [](const std::filesystem::path&) { return std::string(64, 'd'); },
             "/usr/bin/swtpm", [this] { return std::make_shared<const model::Spec>(spec_); }});
    }
    Result<> assign(const model::DeviceName& device, const std::string& at,
                    const model::PartitionName& partition = press) {
        model::Assignment assignment;
        assignment.device = device;
        assignment.partition = partition;
        assignment.at = at;
        return measurer_->before_assignment(assignment);
    }
    std::vector<Record> records() const { return attestation::parse_log(log_->bytes()).value(); }
    // Of the spec, with its devices there.
    std::string places(const std::string& of_arm, const std::string& of_scale) const {
        auto moved = spec_;
        moved.devices[0].at = of_arm;
        moved.devices[1].at = of_scale;
        return attestation::spec_facts(moved, moved.partitions[0]).at("places");
    }

    model::Spec spec_;
    std::unique_ptr<MeasurementLog> log_;
    std::unique_ptr<Measurer> measurer_;
};

TEST_F(RunningPartition, has_each_move_of_its_devices_in_the_log_as_it_is_made) {
    ASSERT_EQ(records().size(), 2U);
    EXPECT_EQ(records()[1].facts.at("places"), places("/dev/arm", "1-2"));
    ASSERT_TRUE(assign(arm, "/dev/other"));
    ASSERT_EQ(records().size(), 3U);
    EXPECT_EQ(records()[2].type, RecordType::device_change);
    EXPECT_EQ(records()[2].facts.at("uuid"), uid);
    EXPECT_EQ(records()[2].facts.at("partition"), "press");
    EXPECT_EQ(records()[2].facts.at("places"), places("/dev/other", "1-2")) << "the other one stays";
    open();
    ASSERT_TRUE(assign(scale, "2-1"));
    ASSERT_EQ(records().size(), 4U);
    EXPECT_EQ(records()[3].facts.at("places"), places("/dev/other", "2-1"))
        << "a manager that begins anew knows of the first move";
}

TEST_F(RunningPartition, has_no_record_of_what_is_no_move) {
    ASSERT_TRUE(assign(arm, "/dev/arm")) << "its owner is started again";
    ASSERT_TRUE(assign(model::DeviceName("new"), "/dev/new")) << "its machine began without it";
    ASSERT_TRUE(assign(arm, "/dev/other", model::PartitionName("stopped")));
    EXPECT_EQ(records().size(), 2U);
    ASSERT_TRUE(assign(arm, "/dev/other"));
    ASSERT_TRUE(assign(arm, "/dev/other"));
    EXPECT_EQ(records().size(), 3U);
}

TEST_F(RunningPartition, gets_no_device_at_a_place_that_can_not_be_written_down) {
    tpm_.stop();
    EXPECT_FALSE(assign(arm, "/dev/other"));
    EXPECT_TRUE(assign(arm, "/dev/arm")) << "where it is, it may go on";
}

// The places that it was moved to are of the run that ended.
TEST_F(RunningPartition, is_told_by_its_spec_when_it_starts_again) {
    ASSERT_TRUE(assign(arm, "/dev/other"));
    measurer_->follow({});
    EXPECT_EQ(records().back().type, RecordType::partition_stop);
    ASSERT_TRUE(assign(arm, "/dev/third"));
    EXPECT_EQ(records().back().type, RecordType::partition_stop) << "no machine has it now";
    open();
    EXPECT_TRUE(measurer_->runs().empty());
}

}  // namespace
}  // namespace bulkhead::trust
