using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// The one way to Redis for all of ScaleKit. Every call ends within <see cref="RedisOptions.CallTimeout"/>, with an answer or with a
/// <see cref="RedisUnavailableException"/>; a circuit breaker spares a server that fails. The connection is made in the background by
/// the first call, so an application starts while Redis is down. One instance serves a whole application. Thread-safe.
/// </summary>
public sealed class RedisConnection : IAsyncDisposable, IDisposable
{
    private static readonly RedisScript Health = RedisScript.Load("Connection", nameof(Health));

    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisMetrics _metrics;
    private readonly RedisLink _link;
    private readonly CallGuard _guard;
    private readonly Topology _topology;
    private int _disposed;

    /// <summary>Checks the options and returns at once; nothing is connected yet.</summary>
    /// <param name="options">The options; copied.</param>
    /// <param name="timeProvider">The clock of timeouts and of the breaker; the system's by default.</param>
    /// <param name="loggerFactory">Where changes of state are logged; nowhere by default.</param>
    /// <param name="meterFactory">Makes the meter; one of its own by default.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the connection string is empty or not understood.</exception>
    public RedisConnection(
        RedisOptions options, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null)
        : this(options, ClientConfiguration.Parse(Checked(options).ConnectionString), timeProvider, loggerFactory, meterFactory)
    {
    }

    /// <summary>Uses a client of the application, which stays its owner.</summary>
    internal RedisConnection(
        RedisOptions options, IConnectionMultiplexer client, TimeProvider? timeProvider, ILoggerFactory? loggerFactory, IMeterFactory? meterFactory)
        : this(
            options,
            () => Task.FromResult(client),
            owned: false,
            ClientConfiguration.Describe(client.GetEndPoints(configuredOnly: true)),
            timeProvider,
            loggerFactory,
            meterFactory)
    {
    }

    private RedisConnection(
        RedisOptions options, ConfigurationOptions client, TimeProvider? timeProvider, ILoggerFactory? loggerFactory, IMeterFactory? meterFactory)
        : this(
            options,
            client,
            string.IsNullOrEmpty(client.ServiceName) ? null : new Sentinels(client, timeProvider ?? TimeProvider.System),
            timeProvider,
            loggerFactory,
            meterFactory)
    {
    }

    private RedisConnection(
        RedisOptions options, ConfigurationOptions client, Sentinels? sentinels, TimeProvider? timeProvider, ILoggerFactory? loggerFactory, IMeterFactory? meterFactory)
        : this(
            options,
            async () => await ConnectAsync(sentinels is null ? client : await sentinels.ResolveAsync().ConfigureAwait(false)).ConfigureAwait(false),
            owned: true,
            ClientConfiguration.Describe(client.EndPoints),
            timeProvider,
            loggerFactory,
            meterFactory,
            sentinels)
    {
    }

    private RedisConnection(
        RedisOptions options, Func<Task<IConnectionMultiplexer>> connect, bool owned, string endPoint,
        TimeProvider? timeProvider, ILoggerFactory? loggerFactory, IMeterFactory? meterFactory, Sentinels? sentinels = null)
    {
        _options = Checked(options).CopyChecked();
        _time = timeProvider ?? TimeProvider.System;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("ScaleKit.Redis");
        _metrics = new RedisMetrics(meterFactory, _time);
        _link = new RedisLink(connect, owned, endPoint, _metrics, _time, _logger, sentinels);
        _guard = new CallGuard(_link, _options, _metrics, _time, _logger);
        _topology = new Topology(_link);
        Names = new RedisNames(_options.KeyPrefix);
    }

    /// <summary>A line to a server came back: what was known of the server's state may be out of date. Raised on a pool thread.</summary>
    internal event EventHandler? Restored
    {
        add => _link.Restored += value;
        remove => _link.Restored -= value;
    }

    /// <summary>A line to a server was lost. Raised on a pool thread.</summary>
    internal event EventHandler? Lost
    {
        add => _link.Lost += value;
        remove => _link.Lost -= value;
    }

    /// <summary>The end points that were configured, without secrets.</summary>
    public string EndPoint => _link.EndPoint;

    /// <summary>Makes the names of keys and channels.</summary>
    internal RedisNames Names { get; }

    internal CallGuard Guard => _guard;

    private CallGuard Open
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
            return _guard;
        }
    }

    /// <summary>Times that a silent client was given up for a new one.</summary>
    internal int Replacements => _link.Replacements;

    /// <summary>Runs a script on the server and reads its clock. Never throws because of the server: the report tells what happened.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public async ValueTask<RedisHealth> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        try
        {
            var reply = await RunAsync(Health, [], [], cancellationToken).ConfigureAwait(false);
            var items = reply.ToItems();
            var time = DateTimeOffset.FromUnixTimeSeconds(items[0].ToInt64()).AddTicks(items[1].ToInt64() * TimeSpan.TicksPerMicrosecond);
            return new RedisHealth(time, _time.GetElapsedTime(started));
        }
        catch (RedisUnavailableException e)
        {
            return new RedisHealth(e, _time.GetElapsedTime(started));
        }
    }

    /// <summary>Closes the connection and everything that hangs on it. Calls under way end with a <see cref="RedisUnavailableException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _link.DisposeAsync().ConfigureAwait(false);
            _guard.Dispose();
            _metrics.Dispose();
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, for containers that dispose without waiting: begins to close and returns.</summary>
    public void Dispose() => Late.Observe(DisposeAsync().AsTask());

    /// <summary>Whether the settings of another connection name the same Redis and the same prefix. A client of the application is named by nothing but itself.</summary>
    internal bool LeadsWhere(RedisConnection other) =>
        ReferenceEquals(this, other)
        || (_options.ConnectionString.Length > 0 && string.Equals(_options.ConnectionString, other._options.ConnectionString, StringComparison.Ordinal)
            && string.Equals(_options.KeyPrefix, other._options.KeyPrefix, StringComparison.Ordinal));

    /// <summary>Runs a script atomically on the server that owns its keys. A server that does not know the script is sent it once.</summary>
    internal ValueTask<RedisReply> RunAsync(RedisScript script, RedisKeys keys, RedisArguments arguments, CancellationToken cancellationToken) =>
        Open.SendAsync<ScriptCall, RedisReply>(script.Name, new ScriptCall(script, keys, arguments), cancellationToken);

    /// <summary>The value of a key; <see langword="null"/> when there is none.</summary>
    internal ValueTask<byte[]?> GetAsync(RedisName key, CancellationToken cancellationToken) =>
        Open.SendAsync<GetCall, byte[]?>("get", new GetCall(key), cancellationToken);

    /// <summary>
    /// The values of many keys, in their order; <see langword="null"/> where there is none. One command, but for a cluster, where each key
    /// may lie on another server: there it is one for each, sent together. The caller bounds their number.
    /// </summary>
    internal ValueTask<byte[]?[]> GetManyAsync(ReadOnlySpan<RedisName> keys, CancellationToken cancellationToken) => keys.IsEmpty
        ? ValueTask.FromResult<byte[]?[]>([])
        : Open.SendAsync<GetManyCall, byte[]?[]>("get_many", new GetManyCall(RedisKeys.Create(keys), _topology), cancellationToken);

    /// <summary>Writes a key, for ever or for a time of at least 1 ms.</summary>
    internal ValueTask SetAsync(RedisName key, byte[] value, TimeSpan? expiry, CancellationToken cancellationToken) =>
        Open.DoAsync<SetCall, bool>("set", new SetCall(key, value, expiry), cancellationToken);

    /// <summary>Deletes a key; true when there was one.</summary>
    internal ValueTask<bool> DeleteAsync(RedisName key, CancellationToken cancellationToken) =>
        Open.SendAsync<DeleteCall, bool>("delete", new DeleteCall(key), cancellationToken);

    /// <summary>Publishes a message to all that subscribe now; the number of those on the server that took it.</summary>
    internal ValueTask<long> PublishAsync(RedisName channel, byte[] message, CancellationToken cancellationToken) =>
        Open.SendAsync<PublishCall, long>("publish", new PublishCall(channel, message), cancellationToken);

    /// <summary>Subscribes in the background, also while Redis is down. Dispose the result to leave the channel.</summary>
    internal RedisSubscription Subscribe(RedisName channel, IRedisListener listener)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
        return new RedisSubscription(_link, _guard, channel, listener, _options, _metrics, _time, _logger);
    }

    /// <inheritdoc cref="Topology.IsSingleServer"/>
    internal bool IsSingleServer => _topology.IsSingleServer;

    /// <summary>The hash slot of a key; -1 where the server is no Cluster, or not known yet.</summary>
    internal int SlotOf(RedisName key) => _topology.SlotOf(key);

    internal Task<IConnectionMultiplexer> ClientAsync() => _link.GetAsync();

    private static RedisOptions Checked(RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }

    private static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration)
    {
        var client = await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);

        // Otherwise the client's exceptions name keys, which come from users.
        client.IncludeDetailInExceptions = false;
        return client;
    }
}
