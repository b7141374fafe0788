using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ScaleKit.Sharding;

/// <summary>
/// Finds the shard of a key by the topology in force. Routing takes no lock, does no I/O and allocates nothing; a swap replaces the topology as a
/// whole, so that every call sees exactly one. The answer never depends on load or health. Thread-safe.
/// </summary>
/// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
public sealed partial class ShardRouter<TShard>
{
    private readonly Lock _swaps = new();
    private readonly ILogger _logger;
    private readonly ShardingMeter _meter;
    private readonly string _name;
    private readonly bool _hashTags;
    private readonly int _maximumKeyLength;
    private readonly int _unmeasuredKeyLength;

    // One reference to an immutable object: what a reader has loaded is whole, and stays so while a swap goes on.
    private volatile Topology<TShard> _topology;
    private volatile bool _enabled;

    /// <summary>Makes a router.</summary>
    /// <param name="topology">The topology to begin with.</param>
    /// <param name="options">Settings, checked and copied; null for the defaults.</param>
    /// <param name="logger">Where swaps and refusals are logged; null for nowhere.</param>
    /// <param name="meterFactory">Makes the meter; null for one shared by the process.</param>
    /// <exception cref="ArgumentNullException"><paramref name="topology"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ShardRouter(
        Topology<TShard> topology,
        ShardRouterOptions? options = null,
        ILogger<ShardRouter<TShard>>? logger = null,
        IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var settings = ShardRouterOptions.ValidatedCopy(options ?? new ShardRouterOptions());
        _name = settings.Name;
        _hashTags = settings.UseHashTags;
        _maximumKeyLength = settings.MaximumKeyLength;
        _unmeasuredKeyLength = _maximumKeyLength / 3;
        _enabled = settings.Enabled;
        _logger = (ILogger?)logger ?? NullLogger.Instance;
        _meter = ShardingMeter.From(meterFactory);
        HotKeys = settings.HotKeys.Enabled ? new HotKeySketch(settings.HotKeys) : null;
        _topology = topology;
        _meter.InForce(_name, topology.Version, topology.Shards.Count);
    }

    /// <summary>The topology in force. To make several lookups against one topology, read it once.</summary>
    public Topology<TShard> Topology => _topology;

    /// <summary>
    /// The kill switch. False freezes the topology: <see cref="Swap"/> refuses from the moment that the setter returns; routing goes on.
    /// </summary>
    /// <value><see cref="ShardRouterOptions.Enabled"/></value>
    public bool IsEnabled
    {
        get => _enabled;
        set
        {
            lock (_swaps)
            {
                if (_enabled == value)
                {
                    return;
                }

                _enabled = value;
            }

            Log.Switched(_logger, _name, value ? "switched on, topologies may be swapped" : "switched off, the topology is frozen");
        }
    }

    /// <summary>The keys that most calls are for, or null unless <see cref="HotKeyOptions.Enabled"/>.</summary>
    public HotKeySketch? HotKeys { get; }

    /// <summary>The shard of a string key: by its UTF-8 bytes, a lone surrogate as U+FFFD.</summary>
    /// <param name="key">The key, at most <see cref="ShardRouterOptions.MaximumKeyLength"/> bytes; empty is a key.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is too long.</exception>
    public Shard<TShard> Route(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Route(key.AsSpan());
    }

    /// <inheritdoc cref="Route(string)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Shard<TShard> Route(ReadOnlySpan<char> key) => _topology.ShardOf(HashOf(key));

    /// <summary>The shard of a key given as UTF-8 bytes: the same as that of the string.</summary>
    /// <param name="utf8Key">The key, at most <see cref="ShardRouterOptions.MaximumKeyLength"/> bytes; not checked to be valid UTF-8.</param>
    /// <exception cref="ArgumentException"><paramref name="utf8Key"/> is too long.</exception>
    public Shard<TShard> RouteUtf8(ReadOnlySpan<byte> utf8Key)
    {
        KeyLength.Validate(utf8Key, _maximumKeyLength);
        var placed = _hashTags ? HashTag.Of(utf8Key) : utf8Key;
        var hash = KeyHash.OfUtf8(placed);
        HotKeys?.ObserveUtf8(placed, hash);
        return _topology.ShardOf(hash);
    }

    /// <summary>The shard of an integer key; the same as that of the <see cref="long"/>.</summary>
    /// <param name="key">Any value.</param>
    public Shard<TShard> Route(int key) => Route((long)key);

    /// <summary>The shard of an integer key.</summary>
    /// <param name="key">Any value.</param>
    public Shard<TShard> Route(long key)
    {
        var hash = KeyHash.Of(key);
        HotKeys?.Observe(key, hash);
        return _topology.ShardOf(hash);
    }

    /// <summary>The shard of an integer key.</summary>
    /// <param name="key">Any value.</param>
    public Shard<TShard> Route(ulong key)
    {
        var hash = KeyHash.Of(key);
        HotKeys?.Observe(key, hash);
        return _topology.ShardOf(hash);
    }

    /// <summary>The shard of a GUID key: by its bytes in the order of RFC 9562.</summary>
    /// <param name="key">Any value.</param>
    public Shard<TShard> Route(Guid key)
    {
        var hash = KeyHash.Of(key);
        HotKeys?.Observe(key, hash);
        return _topology.ShardOf(hash);
    }

    /// <summary>The shard of a key that the caller has hashed, such as a composite one by <see cref="KeyHash.Combine"/>.</summary>
    /// <param name="hash">A hash made by <see cref="KeyHash"/>.</param>
    public Shard<TShard> RouteHash(ulong hash) => _topology.ShardOf(hash);

    /// <summary>Replaces the topology as a whole. Calls that have begun finish with the one that they began with.</summary>
    /// <param name="next">A topology with a higher version.</param>
    /// <exception cref="ArgumentNullException"><paramref name="next"/> is null.</exception>
    /// <exception cref="StaleTopologyException">The version is not above the one in force.</exception>
    /// <exception cref="TopologyFrozenException">The router is switched off.</exception>
    public void Swap(Topology<TShard> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        Topology<TShard> previous;
        lock (_swaps)
        {
            previous = _topology;
            if (!_enabled)
            {
                _meter.Offered(_name, "frozen");
                Log.Frozen(_logger, _name, next.Version, previous.Version);
                throw new TopologyFrozenException();
            }

            // Compared and replaced under one lock: of two racing swaps the lower version must never end up in force.
            if (next.Version <= previous.Version)
            {
                _meter.Offered(_name, "stale");
                Log.Stale(_logger, _name, next.Version, previous.Version);
                throw new StaleTopologyException(next.Version, previous.Version);
            }

            _topology = next;
            _meter.InForce(_name, next.Version, next.Shards.Count);
        }

        _meter.Offered(_name, "applied");
        Log.Swapped(_logger, _name, next.Version, next.Fingerprint, next.Shards.Count, previous.Version);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong HashOf(ReadOnlySpan<char> key)
    {
        if (key.Length > _unmeasuredKeyLength)
        {
            KeyLength.Measure(key, _maximumKeyLength);
        }

        var placed = _hashTags ? HashTag.Of(key) : key;
        var hash = KeyHash.Of(placed);
        HotKeys?.Observe(placed, hash);
        return hash;
    }
}
