namespace ScaleKit.Admission.Tests;

public sealed class AdmissionResultTests
{
    [Fact]
    public void Refused_AnyValues_AreReadBackAsTheyWere()
    {
        foreach (var refusal in Enum.GetValues<AdmissionRefusal>())
        {
            foreach (var cap in Enum.GetValues<AdmissionCap>())
            {
                var result = AdmissionResult.Refused(refusal, cap, 10_000_001, TimeSpan.FromMinutes(5), "elsewhere");
                Assert.Equal(
                    (refusal, cap, 10_000_001, TimeSpan.FromMinutes(5), "elsewhere", false),
                    (result.Refusal, result.BindingCap, result.Position, result.RetryAfter, result.RedirectHint, result.IsAdmitted));
            }
        }
    }

    [Fact]
    public void RetryAfter_PartOfAMillisecond_IsRoundedUp()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(2), AdmissionResult.Refused(AdmissionRefusal.NoSeat, AdmissionCap.Room, 1, TimeSpan.FromTicks(10_001)).RetryAfter);
        Assert.Null(AdmissionResult.Refused(AdmissionRefusal.Cancelled, AdmissionCap.None).RetryAfter);
    }

    /// <summary>Two words travel in registers; a third would make every hand-over copy through memory.</summary>
    [Fact]
    public void Size_OfAResult_IsTwoWords() =>
        Assert.Equal(2 * IntPtr.Size, System.Runtime.CompilerServices.Unsafe.SizeOf<AdmissionResult>());
}
