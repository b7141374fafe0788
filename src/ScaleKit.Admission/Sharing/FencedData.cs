namespace ScaleKit.Admission;

/// <summary>What a lease carries that was granted by a store. Kept off the lease, so that one without a store is no bigger for it.</summary>
internal sealed record FencedData(object? Data, long Fence);
