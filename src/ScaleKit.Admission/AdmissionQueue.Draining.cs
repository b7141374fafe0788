namespace ScaleKit.Admission;

/// <content>The end before the end: nobody comes in any more, and those who are in may finish.</content>
public sealed partial class AdmissionQueue
{
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isDraining;
    private string? _drainHint;

    /// <summary>Whether <see cref="DrainAsync"/> or <see cref="Dispose"/> was called: nobody is admitted any more.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>
    /// Ends the admission, for a deployment: all who wait and all who come are answered <see cref="AdmissionRefusal.Draining"/>, with their place and with
    /// <paramref name="redirectHint"/>; those who have seats keep them. There is no way back. A further call waits as well and may set a <paramref name="force"/>.
    /// </summary>
    /// <param name="redirectHint">Where to go instead, such as the address of another node, for <see cref="AdmissionResult.RedirectHint"/>; the first call's counts.</param>
    /// <param name="force">
    /// After this time <see cref="AdmissionLease.LeaseLost"/> of all leases is cancelled, so that the application closes their connections;
    /// <see langword="null"/> lets everybody stay.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting, not the draining.</param>
    /// <returns>Completes when the last seat was given back.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="force"/> is negative or more than seven days.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task DrainAsync(string? redirectHint = null, TimeSpan? force = null, CancellationToken cancellationToken = default)
    {
        if (force is { } given && (given < TimeSpan.Zero || given > AdmissionOptionsRules.LongestDeadline))
        {
            throw new ArgumentOutOfRangeException(nameof(force), given, $"The time until force must be from zero to {AdmissionOptionsRules.LongestDeadline:c}.");
        }

        StopAdmitting(redirectHint);
        return force is { } time ? ForceAsync(time, cancellationToken) : _empty.Task.WaitAsync(cancellationToken);
    }

    private void StopAdmitting(string? hint)
    {
        var settled = default(SettledWaiters);
        int seats;
        lock (_gate)
        {
            if (_isDraining)
            {
                return;
            }

            _isDraining = true;
            _drainHint = hint;
            _seating.Lends = false;
            _seating.RecallAll();
            RefuseAll_NeedsLock(ref settled);
            seats = _seating.Seats;
            Emptied_NeedsLock();
        }

        Log.Draining(_logger, seats);
        Tell(ref settled);
    }

    private async Task ForceAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await _empty.Task.WaitAsync(time, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _allLost.CancelAsync().ConfigureAwait(false);
            await _empty.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Emptied_NeedsLock()
    {
        if (_isDraining && _seating.Seats == 0)
        {
            _ = _empty.TrySetResult();
        }
    }
}
