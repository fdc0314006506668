/** The image's user and its group. */
const user = 1000;

export interface PodOptions {
  name: string;
  /** The program, as the image's entry point takes it. */
  args?: readonly string[];
  /** In the place of the image's entry point. */
  command?: readonly string[];
  env: readonly unknown[];
  /** Where volumes are mounted, beside /tmp. */
  mounts?: Readonly<Record<string, string>>;
  /** What else its container is. */
  container?: Readonly<Record<string, unknown>>;
}

/** A pod of the image: as a user without rights, who writes to volumes alone. */
export function pod({ name, args, command, env, mounts = {}, container }: PodOptions) {
  const all = { tmp: '/tmp', ca: '/etc/switchboard/ca', ...mounts };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name,
        image: 'switchboard:0.1.0',
        ...(command && { command }),
        ...(args && { args }),
        envFrom: [{ configMapRef: { name: 'switchboard' } }],
        env,
        ...container,
        resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: Object.entries(all).map(([volume, mountPath]) => ({ name: volume, mountPath })),
      },
    ],
    volumes: Object.keys(all).map((volume) => ({ name: volume, ...sources[volume] })),
  };
}

const sources: Readonly<Record<string, object>> = {
  tmp: { emptyDir: { sizeLimit: '512Mi' } },
  cache: { emptyDir: { sizeLimit: '64Mi' } },
  work: { emptyDir: { sizeLimit: '4Gi' } },
  // Authorities of one's own, which settings name as files.
  ca: { configMap: { name: 'switchboard-ca', optional: true } },
  backups: { persistentVolumeClaim: { claimName: 'backups' } },
};
