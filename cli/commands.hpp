// All commands, in the order of the help. Each has a file of its own in cli/commands/.
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace bulkhead::cli {

Command plan_command();
Command apply_command();
Command diff_command();
Command get_command();
Command describe_command();
Command logs_command();
Command attach_command();
Command start_command();
Command stop_command();
Command restart_command();
Command lock_command();
Command unlock_command();
Command bundle_command();
Command key_command();
Command status_command();
Command enroll_command();
Command sign_command();
Command secret_command();
Command login_command();
Command logout_command();
Command context_command();
Command doctor_command();
Command measure_command();
Command explain_command();
Command prove_command();
Command capture_command();
Command test_command();
Command version_command();
Command teardown_command();
Command completion_command();
Command complete_command();  // hidden: the shells' scripts call it
Command man_command();       // hidden: makes docs/man/bulkhead.1

std::vector<Command> all_commands();

}  // namespace bulkhead::cli
