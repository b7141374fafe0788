namespace ScaleKit.Sharding;

/// <summary>A run of neighbouring slots with one owner.</summary>
/// <param name="First">First slot, from 0.</param>
/// <param name="Last">Last slot, included.</param>
/// <param name="ShardId">The owner.</param>
public readonly record struct SlotRange(int First, int Last, string ShardId)
{
    /// <summary>How many slots the range has.</summary>
    public int Count => Last - First + 1;
}
