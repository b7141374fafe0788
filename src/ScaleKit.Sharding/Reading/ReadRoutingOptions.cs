namespace ScaleKit.Sharding;

/// <summary>Settings of a <see cref="ReadWriteRouter{TEndpoint}"/>.</summary>
public sealed class ReadRoutingOptions
{
    /// <summary>Which replica a read goes to.</summary>
    /// <value>RoundRobin</value>
    public ReadPolicy Policy { get; set; }

    /// <summary>The caller's own zone, for <see cref="ReadPolicy.SameZoneFirst"/>; or null.</summary>
    /// <value>null</value>
    public string? Zone { get; set; }

    /// <summary>
    /// How long after a write of a key its reads go to the primary, from zero (never) to one day. Choose more than the replicas ever lag behind.
    /// </summary>
    /// <value>5 seconds</value>
    public TimeSpan ReadYourWrites { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Places in which recent writes are remembered, a power of two from 256 to 16,777,216, 8 bytes each. Keys may share a place: then one's write sends the other's reads to the
    /// primary too, never the reverse.
    /// </summary>
    /// <value>65,536</value>
    public int RememberedWrites { get; set; } = 65_536;

    internal static ReadRoutingOptions ValidatedCopy(ReadRoutingOptions options)
    {
        if (options.ReadYourWrites < TimeSpan.Zero || options.ReadYourWrites > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.ReadYourWrites, $"{nameof(ReadYourWrites)} must be from zero to one day.");
        }

        if (!int.IsPow2(options.RememberedWrites) || options.RememberedWrites is < 256 or > 16_777_216)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.RememberedWrites, $"{nameof(RememberedWrites)} must be a power of two from 256 to 16,777,216.");
        }

        if (!Enum.IsDefined(options.Policy))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Policy, $"{nameof(Policy)} is not a read policy.");
        }

        return (ReadRoutingOptions)options.MemberwiseClone();
    }
}
