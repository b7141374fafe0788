namespace ScaleKit.Sharding;

/// <summary>Settings of the search for hot keys.</summary>
public sealed class HotKeyOptions
{
    /// <summary>Whether keys are sampled at all.</summary>
    /// <value>false</value>
    public bool Enabled { get; set; }

    /// <summary>
    /// Keys that are watched at a time, from 8 to 4,096. A key with more than 1/<see cref="Capacity"/> of the samples is never missed.
    /// </summary>
    /// <value>256</value>
    public int Capacity { get; set; } = 256;

    /// <summary>One call in so many is looked at, on average, from 1 to 1,000,000.</summary>
    /// <value>64</value>
    public int SampleEvery { get; set; } = 64;

    /// <summary>Whether keys are reported by their hash (16 hexadecimal digits) only, and never kept.</summary>
    /// <value>false</value>
    public bool HashKeys { get; set; }

    internal static HotKeyOptions ValidatedCopy(HotKeyOptions options)
    {
        if (options.Capacity is < 8 or > 4_096)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Capacity, $"{nameof(HotKeyOptions)}.{nameof(Capacity)} must be from 8 to 4,096.");
        }

        if (options.SampleEvery is < 1 or > 1_000_000)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.SampleEvery, $"{nameof(HotKeyOptions)}.{nameof(SampleEvery)} must be from 1 to 1,000,000.");
        }

        return (HotKeyOptions)options.MemberwiseClone();
    }
}
