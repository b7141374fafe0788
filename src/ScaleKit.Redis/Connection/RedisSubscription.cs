using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Redis;

/// <summary>
/// One listener on one channel. Messages pass through a bounded queue to the listener, one at a time. A second loop keeps the line:
/// it subscribes, and proves by a message to itself (a probe) that what is published arrives, for the client's word alone does not do:
/// it says "restored" before the server has taken the subscription. Dispose it to leave the channel.
/// </summary>
internal sealed class RedisSubscription : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private static readonly byte[] Wake = [];

    private readonly RedisLink _link;
    private readonly CallGuard _guard;
    private readonly RedisName _channel;
    private readonly IRedisListener _listener;
    private readonly RedisOptions _options;
    private readonly RedisMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SubscribeCall _subscribe;
    private readonly Channel<byte[]> _queue;
    private readonly CancellationTokenSource _stopping;
    private readonly Task _keeping;
    private readonly Task _delivering;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Probe? _probe;
    private int _losses;
    private int _missed;
    private int _disposed;

    public RedisSubscription(
        RedisLink link, CallGuard guard, RedisName channel, IRedisListener listener, RedisOptions options, RedisMetrics metrics,
        TimeProvider time, ILogger logger)
    {
        (_link, _guard, _channel, _listener) = (link, guard, channel, listener);
        (_options, _metrics, _time, _logger) = (options, metrics, time, logger);
        _subscribe = new SubscribeCall(channel, OnArrived);
        _queue = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(options.SubscriptionQueueLimit) { SingleReader = true });
        _stopping = link.LinkToClosing();
        link.Lost += OnLineChanged;
        link.Restored += OnLineChanged;
        _keeping = Task.Run(KeepAsync, CancellationToken.None);
        _delivering = Task.Run(DeliverAsync, CancellationToken.None);
    }

    /// <summary>Completes when both loops have ended, by the disposal of this or of the connection.</summary>
    public Task Completion => Task.WhenAll(_keeping, _delivering);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        _link.Lost -= OnLineChanged;
        _link.Restored -= OnLineChanged;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _queue.Writer.TryComplete();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _subscribe.Leave();
        _stopping.Dispose();
    }

    // Runs on the client's thread: it must not wait, throw or call out.
    private void OnArrived(byte[] message)
    {
        if (Probe.Is(message))
        {
            Volatile.Read(ref _probe)?.TryAnswer(message);
        }
        else if (!_queue.Writer.TryWrite(message))
        {
            Volatile.Write(ref _missed, 1);
        }
    }

    private void OnLineChanged(object? sender, EventArgs e)
    {
        Interlocked.Increment(ref _losses);
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private async Task KeepAsync()
    {
        int? proven = null;
        while (!_stopping.IsCancellationRequested)
        {
            // Read before the proof: a change during it makes the wait below end at once and the next proof count anew.
            var changed = Volatile.Read(ref _changed).Task;
            var losses = Volatile.Read(ref _losses);
            var stands = await ProveAsync(changed).ConfigureAwait(false);
            if (stands && proven != losses)
            {
                Missed(proven is null ? null : "the line was lost");
                proven = losses;
            }
            else if (!stands && !changed.IsCompleted)
            {
                // No word of the client, and yet no line: it believes in a subscription that the server does not have.
                proven = proven is null ? null : -1;
                _subscribe.Distrust();
            }

            await changed.WaitAsync(stands ? _options.SubscriptionCheckInterval : RetryPause, _time, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A change ends the wait: the answer to this probe went down with the old line.
    private async Task<bool> ProveAsync(Task changed)
    {
        var probe = new Probe();
        Volatile.Write(ref _probe, probe);
        try
        {
            await _guard.DoAsync<SubscribeCall, bool>("subscribe", _subscribe, _stopping.Token).ConfigureAwait(false);
            await _guard.DoAsync<PublishCall, long>("publish", new PublishCall(_channel, probe.Message), _stopping.Token).ConfigureAwait(false);
            await Task.WhenAny(probe.Answered, changed).WaitAsync(_options.CallTimeout, _time, _stopping.Token).ConfigureAwait(false);
            return probe.Answered.IsCompleted;
        }
        catch (Exception e) when (e is RedisUnavailableException or TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Missed(string? reason)
    {
        if (reason is not null)
        {
            Log.SubscriptionGap(_logger, reason);
            _metrics.Gap();
        }

        Volatile.Write(ref _missed, 1);

        // Where the queue is full the listener's loop is awake anyway.
        _queue.Writer.TryWrite(Wake);
    }

    private async Task DeliverAsync()
    {
        while (await _queue.Reader.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
        {
            while (true)
            {
                // The mark is taken before the queue is emptied and the listener told: a message dropped after that sets it again.
                if (Interlocked.Exchange(ref _missed, 0) == 1)
                {
                    await CatchUpAsync().ConfigureAwait(false);
                }
                else if (!_queue.Reader.TryRead(out var message))
                {
                    break;
                }
                else if (!ReferenceEquals(message, Wake))
                {
                    await DeliverAsync(message).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task DeliverAsync(byte[] message)
    {
        try
        {
            await _listener.OnMessageAsync(message, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            Log.ListenerFailed(_logger, e);
        }
    }

    private async Task CatchUpAsync()
    {
        var dropped = 0;
        while (_queue.Reader.TryRead(out var message))
        {
            dropped += ReferenceEquals(message, Wake) ? 0 : 1;
        }

        if (dropped >= _options.SubscriptionQueueLimit)
        {
            Log.SubscriptionGap(_logger, "its listener is slower than its channel");
            _metrics.Gap();
        }

        try
        {
            await _listener.OnRestoredAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            Log.ListenerFailed(_logger, e);
            Volatile.Write(ref _missed, 1);
            await Task.Delay(RetryPause, _time, _stopping.Token).ConfigureAwait(false);
        }
    }
}
