/** The text of a folder's definition as typed in this tab, and the guide's example to start from. */
const key = (folderId: string): string => `serai-definition-${folderId}`;

export const readDefinition = (folderId: string): string | null => sessionStorage.getItem(key(folderId));
export const keepDefinition = (folderId: string, yaml: string): void => sessionStorage.setItem(key(folderId), yaml);

/** Once it is saved, the file says what it is. */
export const forgetDefinition = (folderId: string): void => sessionStorage.removeItem(key(folderId));

export const guideExample = `models:
  - name: "simple-http-server"
    model_path: "/models"
    service:
      start_command:
        - python
        - -m
        - http.server
        - --directory
        - /home/work
        - "8000"
      port: 8000
      health_check:
        path: /
        max_retries: 5
`;
