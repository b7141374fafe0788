namespace ScaleKit.Admission.Tests;

/// <summary>The contract of a queue, in one process.</summary>
public sealed class AdmissionContractTests : AdmissionContract
{
    protected override (AdmissionQueue One, AdmissionQueue Other) Open(AdmissionOptions options)
    {
        var queue = new AdmissionQueue(options);
        return (queue, queue);
    }
}
