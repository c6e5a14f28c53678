#pragma once
// Integers that hold any product of two 64-bit numbers, and any sum of them over the records of a run.

namespace tallystick::reconcile {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

}  // namespace tallystick::reconcile
