using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// The life of the client's connection: made in the background by the first call, replaced when it has gone silent, told to look
/// again at the servers' roles after a failover. Thread-safe.
/// </summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SettleWithin = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Func<Task<IConnectionMultiplexer>> _connect;
    private readonly bool _owned;
    private readonly RedisMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Sentinels? _sentinels;
    private readonly CancellationTokenSource _closing = new();
    private Task<IConnectionMultiplexer>? _current;
    private int _refreshing;
    private volatile int _replacements;
    private bool _disposed;

    /// <param name="connect">Connects; may be called again.</param>
    /// <param name="owned">False when the client belongs to the application: it is then neither replaced nor closed here.</param>
    /// <param name="endPoint">The end points, without secrets.</param>
    /// <param name="metrics">Counts reconnections.</param>
    /// <param name="time">Bounds a refresh.</param>
    /// <param name="logger">Where changes are told, once each.</param>
    /// <param name="sentinels">Who is asked where the primary is; null: the client finds it among its end points.</param>
    public RedisLink(
        Func<Task<IConnectionMultiplexer>> connect, bool owned, string endPoint, RedisMetrics metrics, TimeProvider time, ILogger logger, Sentinels? sentinels = null) =>
        (_connect, _owned, EndPoint, _metrics, _time, _logger, _sentinels) = (connect, owned, endPoint, metrics, time, logger, sentinels);

    /// <summary>A line was lost. Raised on a pool thread.</summary>
    public event EventHandler? Lost;

    /// <summary>A line came back, or the connection was replaced. Raised on a pool thread.</summary>
    public event EventHandler? Restored;

    public string EndPoint { get; }

    /// <summary>The client once it is made; null before.</summary>
    public IConnectionMultiplexer? Connected => Volatile.Read(ref _current) is { IsCompletedSuccessfully: true } current ? current.Result : null;

    public int Replacements => _replacements;

    /// <summary>A source that is cancelled when the connection is disposed: for loops that live on this link.</summary>
    public CancellationTokenSource LinkToClosing() => CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);

    /// <summary>The connection, or the attempt to make one. A failed attempt is repeated by the next call.</summary>
    public Task<IConnectionMultiplexer> GetAsync()
    {
        var current = Volatile.Read(ref _current);
        if (current is { IsFaulted: false, IsCanceled: false })
        {
            return current;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(RedisConnection));
            return _current is { IsFaulted: false, IsCanceled: false } ? _current : Connect_NeedsLock(replaces: false);
        }
    }

    /// <summary>Gives up a connection that no longer answers. The client itself would wait for the kernel, which may take a quarter of an hour.</summary>
    public void Replace()
    {
        IConnectionMultiplexer silent;
        lock (_gate)
        {
            if (!_owned || _disposed || _current is not { IsCompletedSuccessfully: true })
            {
                return;
            }

            silent = _current.Result;
            _ = Connect_NeedsLock(replaces: true);
            _replacements++;
        }

        Log.ConnectionReplaced(_logger, EndPoint);
        _ = CloseAsync(silent);
    }

    /// <summary>Lets the client look again who is primary and who owns which slot; one look at a time.</summary>
    public void Refresh()
    {
        if (Volatile.Read(ref _current) is { IsCompletedSuccessfully: true } current && Interlocked.Exchange(ref _refreshing, 1) == 0)
        {
            _ = RefreshAsync(current.Result);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<IConnectionMultiplexer>? current;
        lock (_gate)
        {
            _disposed = true;
            current = _current;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        _closing.Dispose();
        if (current is null)
        {
            return;
        }

        // An attempt to connect can take long to fail; nobody waits for it, but what it brings is closed all the same.
        var closing = CloseWhenConnectedAsync(current);
        if (current.IsCompleted)
        {
            await closing.WaitAsync(Deadline, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task<IConnectionMultiplexer> Connect_NeedsLock(bool replaces)
    {
        var connecting = ConnectAsync(replaces);
        Late.Observe(connecting);
        return _current = connecting;
    }

    private async Task<IConnectionMultiplexer> ConnectAsync(bool replaces)
    {
        // The client resolves names and opens its first socket before it first awaits: never on the caller's thread.
        var client = await Task.Run(_connect, CancellationToken.None).ConfigureAwait(false);
        client.ConnectionFailed += OnFailed;
        client.ConnectionRestored += OnRestored;
        if (client.IsConnected)
        {
            Log.Connected(_logger, EndPoint);
        }
        else
        {
            Log.NotYetConnected(_logger, EndPoint);
        }

        if (replaces)
        {
            Raise(Restored);
        }

        return client;
    }

    private async Task RefreshAsync(IConnectionMultiplexer client)
    {
        var look = Task.Run(() => _sentinels is null ? client.ConfigureAsync() : FollowAsync(client, _sentinels), CancellationToken.None);
        var wait = _sentinels is null ? look.WaitAsync(Deadline, _time, CancellationToken.None) : look;
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Late.Observe(look);
        Volatile.Write(ref _refreshing, 0);
    }

    // The client knows one server, the primary of that time. Sentinels take some seconds to agree on another: they are asked until they have, or the line is back.
    private async Task FollowAsync(IConnectionMultiplexer client, Sentinels sentinels)
    {
        do
        {
            if (await sentinels.HasMovedAsync(client).ConfigureAwait(false))
            {
                Replace();
                return;
            }

            await Task.Delay(BetweenLooks, _time, _closing.Token).ConfigureAwait(false);
        }
        while (!client.IsConnected && ReferenceEquals(Connected, client));
    }

    private async Task CloseWhenConnectedAsync(Task<IConnectionMultiplexer> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
        {
            var client = await connecting.ConfigureAwait(false);
            await SettleAsync(client).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await CloseAsync(client).ConfigureAwait(false);
        }
    }

    // Client 1.2.6 flushes what it writes to while it closes, beside its writing thread. That one may still be in the flush of the last command, whose answer is here
    // already: the command would be sent, and run, a second time. A second PING harms nobody.
    private static async Task SettleAsync(IConnectionMultiplexer client)
    {
        var servers = client.GetEndPoints().Select(endPoint => client.GetServer(endPoint)).Where(server => server.IsConnected);
        var pings = Task.WhenAll(servers.Select(server => server.PingAsync()));
        Late.Observe(pings);
        await pings.WaitAsync(SettleWithin, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task CloseAsync(IConnectionMultiplexer client)
    {
        client.ConnectionFailed -= OnFailed;
        client.ConnectionRestored -= OnRestored;
        if (_owned)
        {
            // Close releases everything. Dispose is declared elsewhere in the later versions of the client.
            var closing = Task.Run(() => client.Close(allowCommandsToComplete: false), CancellationToken.None);
            await closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs e)
    {
        Log.ConnectionLost(_logger, e.ConnectionType.ToString(), ClientConfiguration.Describe(e.EndPoint), e.FailureType.ToString());
        Raise(Lost);
        if (_sentinels is not null)
        {
            Refresh();
        }
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs e)
    {
        Log.ConnectionRestored(_logger, e.ConnectionType.ToString(), ClientConfiguration.Describe(e.EndPoint));
        _metrics.Reconnected();
        Raise(Restored);
    }

    // The client raises its events on threads that it needs for its own work.
    private void Raise(EventHandler? handlers)
    {
        if (handlers is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Handlers(state.Sender, EventArgs.Empty), (Handlers: handlers, Sender: this), preferLocal: false);
        }
    }
}
