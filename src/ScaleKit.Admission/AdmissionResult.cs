using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>The answer to a request for a seat: a lease, or a refusal with its reason. Immutable.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct AdmissionResult
{
    // Small, because it travels by value through every task: the hint in ticks, 0 standing for none.
    private readonly long _retryAfter;
    private readonly byte _refusal;
    private readonly byte _bindingCap;

    private AdmissionResult(AdmissionLease? lease, AdmissionRefusal refusal, AdmissionCap bindingCap, TimeSpan? retryAfter)
    {
        Lease = lease;
        _refusal = (byte)refusal;
        _bindingCap = (byte)bindingCap;
        _retryAfter = retryAfter.GetValueOrDefault().Ticks;
    }

    /// <summary>Whether a seat was given. Then <see cref="Lease"/> is not <see langword="null"/>, and whoever holds this result must dispose it.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Lease))]
    public bool IsAdmitted => Lease is not null;

    /// <summary>The seat, until it is disposed; <see langword="null"/> when refused.</summary>
    public AdmissionLease? Lease { get; }

    /// <summary>Why no seat was given; <see cref="AdmissionRefusal.None"/> when admitted.</summary>
    public AdmissionRefusal Refusal => (AdmissionRefusal)_refusal;

    /// <summary>The cap that stood in the way. For an admitted visitor: the cap that made it wait, <see cref="AdmissionCap.None"/> when it did not wait.</summary>
    public AdmissionCap BindingCap => (AdmissionCap)_bindingCap;

    /// <summary>
    /// When it is worth trying again, from the measured release rate, between 1 s and 5 min; <see langword="null"/> when admitted,
    /// when the visitor itself left, and when the queue is being disposed.
    /// </summary>
    public TimeSpan? RetryAfter => _retryAfter == 0 ? null : TimeSpan.FromTicks(_retryAfter);

    internal static AdmissionResult Admitted(AdmissionLease lease, AdmissionCap waitedFor) =>
        new(lease, AdmissionRefusal.None, waitedFor, retryAfter: null);

    internal static AdmissionResult Refused(AdmissionRefusal refusal, AdmissionCap bindingCap, TimeSpan? retryAfter = null) =>
        new(lease: null, refusal, bindingCap, retryAfter);
}
