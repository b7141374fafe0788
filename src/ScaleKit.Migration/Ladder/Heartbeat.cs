namespace ScaleKit.Migration;

/// <summary>Keeps the lease of one ladder alive and follows the moves of other instances, from the first load to the end.</summary>
internal sealed class Heartbeat(MigrationLadder ladder, Fleet fleet) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private int _started;
    private int _disposed;

    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _loop = Task.Run(() => RunAsync(_stop.Token), _stop.Token);
        }
    }

    public void Stop()
    {
        if (Volatile.Read(ref _disposed) == 0)
        {
            _stop.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var failing = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(fleet.Beat, ladder.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                // A journal that hangs would keep the ladder's turn.
                using var late = new CancellationTokenSource(ladder.Options.LeaseDuration, ladder.Time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
                await ladder.BeatAsync(either.Token).ConfigureAwait(false);
                failing = false;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                if (!failing)
                {
                    Log.BeatFailed(ladder.Logger, failure);
                }

                failing = true;
                await FenceSelfAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Without a lease nothing may be answered; operations then fail as the journal does, instead of being done in vain.
    private async ValueTask FenceSelfAsync(CancellationToken cancellationToken)
    {
        var stage = ladder.Current;
        if (stage is { IsLoaded: true, MayAnswer: false })
        {
            await ladder.OnLeaseLostAsync(stage, cancellationToken).ConfigureAwait(false);
        }
    }
}
