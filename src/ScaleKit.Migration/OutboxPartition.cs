using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>The outbox of one physical store.</summary>
/// <param name="Pending">How many entries it holds.</param>
/// <param name="Oldest">The lowest sequence it holds; equal to <paramref name="Next"/> when it is empty.</param>
/// <param name="Next">The sequence that the next entry gets, or a higher one.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OutboxPartition(long Pending, long Oldest, long Next);
