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
        ASSERT_NO_FATAL_FAILURE(start());
        auto& machine = seen_.machines[press];
        machine.name = press;
        machine.uid = uid;
        machine.power = model::Power::running;
    }
    void start() {
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
    // A look at a machine that runs, and at the devices that it has.
    void look() { measurer_->follow(seen_); }
    void move(const model::DeviceName& device, const std::string& at) {
        auto& assignment = seen_.assignments[device].assignment;
        assignment.device = device;
        assignment.partition = press;
        assignment.at = at;
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
    model::Observed seen_;
};

TEST_F(RunningPartition, has_each_move_of_its_devices_in_the_log) {
    look();
    ASSERT_EQ(records().size(), 2U) << "devices were not looked at";
    EXPECT_EQ(records()[1].facts.at("places"), places("/dev/arm", "1-2"));
    move(arm, "/dev/other");
    look();
    ASSERT_EQ(records().size(), 3U);
    EXPECT_EQ(records()[2].type, RecordType::device_change);
    EXPECT_EQ(records()[2].facts.at("uuid"), uid);
    EXPECT_EQ(records()[2].facts.at("partition"), "press");
    EXPECT_EQ(records()[2].facts.at("places"), places("/dev/other", "1-2")) << "the other one stays";
    open();
    seen_.assignments.clear();
    move(scale, "2-1");
    look();
    ASSERT_EQ(records().size(), 4U);
    EXPECT_EQ(records()[3].facts.at("places"), places("/dev/other", "2-1"))
        << "a manager that begins anew knows of the first move";
}

// What the spec wants is no move: the log tells where the device was seen to be.
TEST_F(RunningPartition, has_no_record_of_what_is_no_move) {
    spec_.devices[0].at = "/dev/wanted";
    move(arm, "/dev/arm");
    move(model::DeviceName("new"), "/dev/new");  // its machine began without it
    look();
    EXPECT_EQ(records().size(), 2U);
    move(arm, "/dev/other");
    seen_.assignments[arm].assignment.partition = model::PartitionName("another");
    look();
    EXPECT_EQ(records().size(), 2U) << "it is not the partition's any more";
    move(arm, "/dev/other");
    look();
    look();
    EXPECT_EQ(records().size(), 3U);
}

TEST_F(RunningPartition, is_told_by_its_spec_when_it_starts_again) {
    move(arm, "/dev/other");
    look();
    seen_.machines.clear();
    look();
    EXPECT_EQ(records().back().type, RecordType::partition_stop);
    open();
    EXPECT_TRUE(measurer_->runs().empty());
    ASSERT_NO_FATAL_FAILURE(start());
    EXPECT_EQ(records().back().facts.at("places"), places("/dev/arm", "1-2"));
    look();
    EXPECT_EQ(records().back().type, RecordType::partition_stop);
}

}  // namespace
}  // namespace bulkhead::trust
