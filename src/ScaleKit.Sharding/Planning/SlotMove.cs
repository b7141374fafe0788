namespace ScaleKit.Sharding;

/// <summary>A run of neighbouring slots that go from one shard to another.</summary>
/// <param name="First">First slot.</param>
/// <param name="Last">Last slot, included.</param>
/// <param name="From">Id of the shard that owns them before.</param>
/// <param name="To">Id of the shard that owns them after.</param>
public readonly record struct SlotMove(int First, int Last, string From, string To)
{
    /// <summary>How many slots move.</summary>
    public int Count => Last - First + 1;
}
