namespace ScaleKit.Sharding;

/// <summary>Settings of a <see cref="ShardRouter{TShard}"/>. Checked and copied by its constructor; later changes have no effect.</summary>
public sealed class ShardRouterOptions
{
    /// <summary>Where the configuration is read from.</summary>
    /// <value>ScaleKit:Sharding</value>
    public const string SectionName = "ScaleKit:Sharding";

    /// <summary>
    /// The kill switch. Off freezes the topology: swaps are refused, routing goes on. Ownership of stored data cannot be passed through, so there
    /// is nothing else that could safely be switched off. Follows the configuration while the process runs.
    /// </summary>
    /// <value>true</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Name of this router in metrics and logs, for processes with several: 1 to 128 printable ASCII characters.</summary>
    /// <value>default</value>
    public string Name { get; set; } = "default";

    /// <summary>Longest key, in UTF-8 bytes, from 1 to 1,048,576. A longer one is refused before it is hashed.</summary>
    /// <value>4,096</value>
    public int MaximumKeyLength { get; set; } = 4_096;

    /// <summary>
    /// Whether only the part of a string key between its first <c>{</c> and the next <c>}</c> decides its place, by the rule of Redis Cluster, so that
    /// related keys can be kept together. Part of the placement contract: changing it moves keys.
    /// </summary>
    /// <value>false</value>
    public bool UseHashTags { get; set; }

    /// <summary>Whether and how hot keys are looked for; the report is <see cref="ShardRouter{TShard}.HotKeys"/>.</summary>
    /// <value>off</value>
    public HotKeyOptions HotKeys { get; set; } = new();

    internal static ShardRouterOptions ValidatedCopy(ShardRouterOptions options)
    {
        ShardNames.Validate(options.Name, nameof(Name));
        if (options.MaximumKeyLength is < 1 or > 1_048_576)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.MaximumKeyLength, $"{nameof(MaximumKeyLength)}, in bytes, must be from 1 to 1,048,576.");
        }

        ArgumentNullException.ThrowIfNull(options.HotKeys, nameof(options));
        var copy = (ShardRouterOptions)options.MemberwiseClone();
        copy.HotKeys = HotKeyOptions.ValidatedCopy(options.HotKeys);
        return copy;
    }
}
