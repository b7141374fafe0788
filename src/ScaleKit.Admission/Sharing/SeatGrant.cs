using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>A visitor that has waited and got a seat. Immutable.</summary>
/// <param name="Number">Its number in the line.</param>
/// <param name="Fence">The fencing number of the grant: greater than that of every grant before it, over all nodes.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SeatGrant(long Number, long Fence);
