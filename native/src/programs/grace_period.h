// SPDX-License-Identifier: Apache-2.0
// Waits until no program runs any more that ran before.
#pragma once

namespace eunomia
{

/// After it, every program run that began before has ended, so what it wrote is final, and what it read is not used any
/// more.
void WaitForPrograms();

} // namespace eunomia
